"""unbroadcast drops the axes of length 1.

Caught by:
    test_unbroadcast.py::test_stretched_axes
    test_unbroadcast.py::test_both_kinds_at_once
    test_unbroadcast.py::test_nothing_to_undo
    test_arithmetic.py::test_column_with_row
    test_train.py::test_train_takes_plain_steps
    test_train.py::test_accuracy_on_new_flowers
"""

# %% solve_unbroadcast
def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which an array of shape `shape` had been broadcast."""
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched)
