"""The compiled function takes its arguments in the order in which the output uses them.

Caught by:
    test_compile.py::test_order_of_the_arguments
    test_compile.py::test_only_needed_arguments
"""

# %% solve_compile
def compile(output):
    """Make a Python function of a node."""
    needed = ancestors([output])
    nodes = [node for node in output.graph.operations if node in needed]
    place = {node: i for i, node in enumerate(nodes)}
    used, stack = [], [output]
    while stack:
        node = stack.pop()
        if isinstance(node, Placeholder) and node not in used:
            used.append(node)
        stack.extend(x for x in reversed(node.inputs) if x not in stack)
    fed = [(place[node], node) for node in used]
    plan = [
        (place[node], node.compute, [place[x] for x in node.inputs])
        for node in nodes
        if not isinstance(node, Placeholder)
    ]

    def function(*arguments):
        if len(arguments) != len(fed):
            raise TypeError(f"{len(fed)} values are needed, {len(arguments)} were given")
        values = [None] * len(nodes)
        for (i, node), argument in zip(fed, arguments, strict=True):
            values[i] = fed_value(node, argument)
        for i, compute, inputs in plan:
            values[i] = compute(None, *[values[j] for j in inputs])
        return values[place[output]]

    return function
