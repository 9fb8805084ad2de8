"""Parameters are told by their own names, W and b, which every link has.

Caught by:
    test_graph.py::test_parameters_on_the_path
    test_graph.py::test_parameters_of_this_link
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
    used = {node.name for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if p.name in used)
