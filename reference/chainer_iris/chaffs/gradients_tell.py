"""Parameters that have a gradient are taken for those on the path: in a new link that is all of them.

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
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if p.grad is not None)
