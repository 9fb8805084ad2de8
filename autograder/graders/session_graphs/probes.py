"""What runs beside the student's objects for several of sprint 2's hidden tests, or would make one file too long."""

from autograder.grading import probe


@probe
def leave_by_exception(block, stopped):
    """Whether what was raised in the block came out of it; `stopped`: by Jupyter's stop button."""
    planned = KeyboardInterrupt("planned") if stopped else KeyError("planned")
    try:
        with block:
            raise planned
    except (KeyError, KeyboardInterrupt) as error:
        return error is planned
    return False


@probe
def default_while_finalized(get_default_graph):
    """Whether the default graph stays the same while it counts as finalized, and is given back as it was."""
    graph = get_default_graph()
    if getattr(graph, "__dict__", {}).get("finalized") is not False:  # no plain attribute: there would be no way back
        return True
    graph.finalized = True
    try:
        return get_default_graph() is graph
    finally:
        graph.finalized = False


@probe
def counted(Operation):
    class Counted(Operation):
        calls = 0

        session = None

        def compute(self, session, *values):
            type(self).calls += 1
            type(self).session = session
            return sum(values) + 1.0

    return Counted


@probe
def ladder(Operation, x, levels):
    class Doubled(Operation):
        calls = 0

        def compute(self, session, a, b):
            type(self).calls += 1
            if self.calls > 1000:
                raise RuntimeError("the nodes of the ladder were computed again and again")
            return a + b

    for _ in range(levels):
        x = Doubled(x, x)
    return x


@probe
def without_value(Operation):
    """A node whose value is None, as that of a step or of an initializer is."""

    class Step(Operation):
        calls = 0

        def compute(self, session, *values):
            type(self).calls += 1

    return Step


@probe
def positive(Operation, x):
    """A node whose value is an array of truth values."""

    class Positive(Operation):
        def compute(self, session, a):
            return a > 0.0

    return Positive(x)


@probe
def long_chain(x, length):
    for number in range(length):
        x = x + 1.0 if number % 2 else 1.0 + x
    return x


@probe
def value_after_a_change(Graph, Session, constant, array):
    graph = Graph()
    with graph.as_default():
        node, total = constant(array), constant(0.0) + array
    array += 1000.0
    return Session(graph).run([node, total])


@probe
def handed_on(Operation):
    """A node that hands on the value of its first input as it is."""

    class HandedOn(Operation):
        def compute(self, session, a, b):
            return a

    return HandedOn


@probe
def again_after_a_change(function, *arguments):
    """What a function gives after a caller has worked on what it gave before, if that can be changed at all."""
    from contextlib import suppress

    result = function(*arguments)
    with suppress(ValueError):
        result += 1000.0
    return function(*arguments)


@probe
def after_a_failure(function, wrong, right):
    """What a call gives after one that has failed on the way."""
    from contextlib import suppress

    with suppress(Exception):
        function(*wrong)
    return function(*right)


@probe
def called_twice(function, one, other):
    """What two calls give, looked at after both."""
    early = function(one)
    late = function(other)
    return early, late


@probe
def in_a_block(Session, graph, function, *arguments):
    """What a call gives in a session's block; without one where sessions have no blocks, which are another task."""
    from contextlib import ExitStack, suppress

    block = ExitStack()
    with suppress(Exception):
        block.enter_context(Session(graph))
    try:
        return function(*arguments)
    finally:
        with suppress(Exception):
            block.close()


@probe
def opened_without_a_name(InteractiveSession, graph, get_default_session):
    """Whether an interactive session is the default session though nobody else holds it; it is closed then."""
    from contextlib import suppress

    InteractiveSession(graph)
    found = get_default_session()
    with suppress(Exception):
        found.close()
    return isinstance(found, InteractiveSession) and found.graph is graph


@probe
def run_in_its_block(session, y, x, number):
    with session:
        return session.run(y, {x: number})


@probe
def two_runs_with_one_dict(session, y, x, first, second):
    """What two runs give for the same list and the same dict, looked at after both."""
    fetches, feed = [y, {"y": y}], {x: first}
    early = session.run(fetches, feed)
    feed[x] = second
    late = session.run(fetches, feed)
    return early[0], late[0], len(feed) == 1 and feed.get(x) is second


@probe
def built_twice(build, *arguments):
    """A graph as data, and whether a second call made another one, though a third graph was the default."""
    import tensorflow as tf

    first = build(*arguments)
    with tf.Graph().as_default() as outside:
        second = build(*arguments)
    new = first is not second and second is not outside and not outside.get_operations()
    return first.as_graph_def().SerializeToString(), new


@probe
def placeholders_in(blob):
    import tensorflow as tf

    found = {}
    for node in tf.compat.v1.GraphDef.FromString(blob).node:
        if node.op.startswith("Placeholder"):
            shape = node.attr["shape"].shape
            lengths = None if shape.unknown_rank else [None if axis.size < 0 else axis.size for axis in shape.dim]
            found[node.name] = [tf.as_dtype(node.attr["dtype"].type).name, lengths]
    return found


@probe
def dtypes_in(blob, names):
    """The dtype of each tensor; None where the graph has none of that name. Evaluating it would take longer."""
    import tensorflow as tf

    with tf.Graph().as_default() as g:
        tf.import_graph_def(tf.compat.v1.GraphDef.FromString(blob), name="")
    outputs = {t.name: t.dtype.name for operation in g.get_operations() for t in operation.outputs}
    return [outputs.get(name) for name in names]


@probe
def graph_that_cannot(wanted):
    """A graph in which this name needs what is never fed; all its other names can be run."""
    import tensorflow as tf

    with tf.Graph().as_default() as g:
        tf.identity(tf.compat.v1.placeholder("float32", [], "missing"), wanted)
        for name in {"init", "train", "loss", "prediction"} - {wanted}:
            tf.constant(0.0, name=name)
    return g


@probe
def descent_on_a_line(w0, b0):
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default() as g:
        data = v1.placeholder("float32", [None, len(w0)], "x")
        target = v1.placeholder("float32", [None], "t")
        w, b = (v1.Variable(start, dtype="float32") for start in (w0, b0))
        said = tf.add(tf.linalg.matvec(data, w), b, "prediction")
        loss = tf.reduce_mean((said - target) ** 2, name="loss")
        v1.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
        v1.global_variables_initializer()
    g.finalize()
    return g
