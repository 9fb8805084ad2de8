"""The walk calls itself for every input.

Caught by:
    test_graph.py::test_long_chain
"""


# %% solve_graph
def backward_order(y):
    found = {}

    def visit(node):
        if node.creator is not None and id(node.creator) not in found:
            found[id(node.creator)] = node.creator
            for before in node.creator.inputs:
                visit(before)

    visit(y)
    return sorted(found.values(), key=lambda function: function.rank, reverse=True)



def used_parameters(y, link):
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if id(p.node) in used)
