"""unbroadcast sums the last axes where broadcasting had added the first.

Caught by:
    test_unbroadcast.py::test_added_axes
    test_unbroadcast.py::test_both_kinds_at_once
    test_arithmetic.py::test_column_with_row
    test_train.py::test_train_takes_plain_steps
"""

# %% solve_unbroadcast
def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which an array of shape `shape` had been broadcast."""
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(grad.ndim - added, grad.ndim)))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched, keepdims=True)
