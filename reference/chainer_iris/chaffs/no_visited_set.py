"""Every path is walked, and its functions listed.

Caught by:
    test_graph.py::test_each_function_once
    test_graph.py::test_ladder
"""


# %% solve_graph
def backward_order(y):
    found, waiting = [], [y.node]
    while waiting:
        function = waiting.pop().creator
        if function is not None:
            found.append(function)
            waiting.extend(function.inputs)
    return sorted(found, key=lambda function: function.rank, reverse=True)


def used_parameters(y, link):
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if id(p.node) in used)
