"""The names come as the walk finds them, from the end.

Caught by:
    test_graph.py::test_parameters_on_the_path
"""


# %% solve_graph
def backward_order(y):
    found, waiting = {}, [y.node]
    while waiting:
        function = waiting.pop().creator
        if function is not None and id(function) not in found:
            found[id(function)] = function
            waiting.extend(function.inputs)
    return sorted(found.values(), key=lambda function: function.rank, reverse=True)


def used_parameters(y, link):
    names = {id(p.node): name for name, p in link.namedparams()}
    leaves = (id(node) for function in backward_order(y) for node in function.inputs)
    return list(dict.fromkeys(names[leaf] for leaf in leaves if leaf in names))
