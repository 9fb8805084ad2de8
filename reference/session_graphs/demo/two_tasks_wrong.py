"""The demo's student with two tasks wrong: compile mixes up its arguments, and control is written in Python's if and for.

Caught by:
    test_compile.py::test_order_of_the_arguments
    test_compile.py::test_only_needed_arguments
    test_compile.py::test_each_call_computes_anew
    test_compile.py::test_wrong_arguments
    test_control.py::test_clip_long_vectors
    test_control.py::test_clip_short_vectors
    test_control.py::test_clip_decides_in_the_graph
    test_control.py::test_root_takes_as_many_steps_as_needed
    test_control.py::test_root_loops_in_the_graph
"""


# %% solve_compile
def compile(output):
    """Make a Python function of a node."""
    placeholders = []

    def find(node):
        if isinstance(node, Placeholder) and node not in placeholders:
            placeholders.append(node)
        for x in node.inputs:
            find(x)

    find(output)
    values = {}

    def function(*arguments):
        values.update(zip(placeholders, arguments))
        for node in output.graph.operations:
            if node not in values:
                values[node] = node.compute(None, *(values[x] for x in node.inputs))
        return values[output]

    return function


# %% solve_control
def build_clip():
    """Clip a vector to a length."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None,), name="x")
        limit = tf1.placeholder(tf.float32, (), name="limit")
        length = tf.norm(x)
        if length > limit:
            y = x * (limit / length)
        else:
            y = x
        tf.identity(y, name="y")
    return graph


def build_root():
    """The square root by Newton's method."""
    graph = tf.Graph()
    with graph.as_default():
        a = tf1.placeholder(tf.float32, (), name="a")
        y = a
        for step in range(12):
            y = (y + a / y) / 2
        tf.identity(y, name="root")
        tf.constant(step + 1, name="steps")
    return graph
