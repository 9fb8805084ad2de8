"""The backward pass starts with ones, whatever upstream is.

Caught by:
    test_gradients.py::test_upstream
    test_gradients.py::test_single_number
    test_gradients.py::test_unused
    test_gradients.py::test_integers
    test_gradients.py::test_own_arrays
    test_gradients.py::test_called_once
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    y = f(*xs)
    y.grad = np.ones_like(y.array)
    y.backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad.copy() for x in xs]
