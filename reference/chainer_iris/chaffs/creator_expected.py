"""y must have a creator: a leaf has none.

Caught by:
    test_graph.py::test_leaf
"""


# %% solve_graph
def backward_order(y):
    found, waiting = {}, [y.creator]
    while waiting:
        function = waiting.pop()
        if id(function) not in found:
            found[id(function)] = function
            waiting.extend(node.creator for node in function.inputs if node.creator is not None)
    return sorted(found.values(), key=lambda function: function.rank, reverse=True)


def used_parameters(y, link):
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if id(p.node) in used)
