"""No visited set: a tensor is listed once for every path that leads to it.

Caught by:
    test_topological_order.py::test_parents_come_first
    test_topological_order.py::test_each_tensor_once
    test_topological_order.py::test_long_chain
    test_backward.py::test_each_operation_once
"""

# %% solve_topological_order
def topological_order(root):
    order, stack = [], [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order
