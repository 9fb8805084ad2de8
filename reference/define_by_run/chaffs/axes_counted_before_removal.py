"""unbroadcast counts the stretched axes before the added ones are gone.

Caught by:
    test_unbroadcast.py::test_both_kinds_at_once
"""

# %% solve_unbroadcast
def unbroadcast(grad, shape):
    added = grad.ndim - len(shape)
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    grad = grad.sum(axis=stretched, keepdims=True)
    return grad.sum(axis=tuple(range(added)))
