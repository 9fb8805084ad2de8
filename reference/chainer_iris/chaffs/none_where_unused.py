"""An array that f does not use has the gradient None.

Caught by:
    test_gradients.py::test_unused
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    y = f(*xs)
    y.grad = np.array(upstream, dtype=np.float64)
    y.backward()
    return [None if x.grad is None else x.grad.copy() for x in xs]
