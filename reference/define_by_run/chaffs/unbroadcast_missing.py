"""unbroadcast gives the gradient back as it is.

Caught by:
    test_unbroadcast.py::test_added_axes
    test_unbroadcast.py::test_stretched_axes
    test_unbroadcast.py::test_both_kinds_at_once
    test_arithmetic.py::test_column_with_row
    test_arithmetic.py::test_with_a_single_number
    test_gradcheck.py::test_accepts_what_is_right
    test_train.py::test_train_takes_plain_steps
    test_unbroadcast.py::test_nothing_to_undo
    test_arithmetic.py::test_reflected_gradients
"""

# %% solve_unbroadcast
def unbroadcast(grad, shape):
    return grad
