"""Of a function's inputs only the first is followed.

Caught by:
    test_graph.py::test_each_function_once
    test_graph.py::test_paths_of_different_length
"""


# %% solve_graph
def backward_order(y):
    found, waiting = {}, [y.node]
    while waiting:
        function = waiting.pop().creator
        if function is not None and id(function) not in found:
            found[id(function)] = function
            waiting.append(function.inputs[0])
    return sorted(found.values(), key=lambda function: function.rank, reverse=True)


def used_parameters(y, link):
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if id(p.node) in used)
