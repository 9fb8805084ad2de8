"""Tensors are taken level by level, first in first out, which fails where paths differ in length.

Caught by:
    test_topological_order.py::test_parents_come_first
    test_backward.py::test_paths_of_different_length
    test_topological_order.py::test_long_chain
    test_backward.py::test_constants_get_nothing
    test_arithmetic.py::test_column_with_row
"""

# %% solve_topological_order
from collections import deque


def topological_order(root):
    order, seen, queue = [], {id(root)}, deque([root])
    while queue:
        node = queue.popleft()
        order.append(node)
        for parent in node.parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                queue.append(parent)
    return order[::-1]
