"""A parameter that is used twice is named twice.

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
    used = [id(node) for function in backward_order(y) for node in function.inputs]
    return sorted(name for name, p in link.namedparams() for _ in range(used.count(id(p.node))))
