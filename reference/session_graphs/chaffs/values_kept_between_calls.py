"""The compiled function keeps the values of its first call.

Caught by:
    test_compile.py::test_order_of_the_arguments
    test_compile.py::test_each_call_computes_anew
"""

# %% solve_compile
def compile(output):
    """Make a Python function of a node."""
    needed = ancestors([output])
    nodes = [node for node in output.graph.operations if node in needed]
    place = {node: i for i, node in enumerate(nodes)}
    fed = [(place[node], node) for node in nodes if isinstance(node, Placeholder)]
    plan = [
        (place[node], node.compute, [place[x] for x in node.inputs])
        for node in nodes
        if not isinstance(node, Placeholder)
    ]

    values = [None] * len(nodes)

    def function(*arguments):
        if len(arguments) != len(fed):
            raise TypeError(f"{len(fed)} values are needed, {len(arguments)} were given")
        for (i, node), argument in zip(fed, arguments, strict=True):
            values[i] = fed_value(node, argument)
        for i, compute, inputs in plan:
            if values[i] is None:
                values[i] = compute(None, *[values[j] for j in inputs])
        return values[place[output]]

    return function
