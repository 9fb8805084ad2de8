"""A dict from a node to a name: of a parameter with two names only one is found.

Caught by:
    test_graph.py::test_parameters_on_the_path
"""
# %% solve_graph
def backward_order(y):
    functions, stack = {}, [y.creator]
    while stack:
        function = stack.pop()
        if function is None or id(function) in functions:
            continue
        functions[id(function)] = function
        stack.extend(node.creator for node in function.inputs)
    return sorted(functions.values(), key=lambda function: function.rank, reverse=True)


def used_parameters(y, link):
    names = {id(parameter.node): name for name, parameter in link.namedparams()}
    used = set()
    for function in backward_order(y):
        for node in function.inputs:
            if id(node) in names:
                used.add(names[id(node)])
    return sorted(used)
