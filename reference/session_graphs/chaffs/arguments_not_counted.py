"""The compiled function passes over arguments that are too many, and leaves out those that are missing.

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
        values = [None] * len(nodes)
        for (i, node), argument in zip(fed, arguments):
            values[i] = fed_value(node, argument)
        for i, compute, inputs in plan:
            values[i] = compute(None, *[values[j] for j in inputs])
        return values[place[output]]

    return function
