"""The sort calls itself for every parent and runs into the recursion limit.

Caught by:
    test_topological_order.py::test_long_chain
    test_backward.py::test_long_chain
"""

# %% solve_topological_order
def topological_order(root):
    order, seen = [], set()

    def visit(node):
        if id(node) not in seen:
            seen.add(id(node))
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order
