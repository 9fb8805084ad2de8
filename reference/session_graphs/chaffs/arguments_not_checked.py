"""The compiled function does not look at the shapes of its arguments.

Caught by:
    test_compile.py::test_wrong_arguments
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

    def function(*arguments):
        if len(arguments) != len(fed):
            raise TypeError(f"{len(fed)} values are needed, {len(arguments)} were given")
        values = [None] * len(nodes)
        for (i, node), argument in zip(fed, arguments, strict=True):
            values[i] = np.array(argument, dtype=np.float64)
        for i, compute, inputs in plan:
            values[i] = compute(None, *[values[j] for j in inputs])
        return values[place[output]]

    return function
