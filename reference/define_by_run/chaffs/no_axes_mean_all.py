"""unbroadcast sums over everything when there is nothing to sum over.

Caught by:
    test_unbroadcast.py::test_added_axes
    test_unbroadcast.py::test_nothing_to_undo
    test_arithmetic.py::test_reflected_gradients
    test_arithmetic.py::test_gradients_of_sums
    test_arithmetic.py::test_gradients_of_products
    test_arithmetic.py::test_gradients_of_quotients
    test_arithmetic.py::test_gradients_of_powers
    test_arithmetic.py::test_column_with_row
    test_arithmetic.py::test_with_a_single_number
    test_no_grad.py::test_detach_cuts_the_history
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_step_descends
    test_train.py::test_train_takes_plain_steps
"""

# %% solve_unbroadcast
def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which an array of shape `shape` had been broadcast."""
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched or None, keepdims=True)
