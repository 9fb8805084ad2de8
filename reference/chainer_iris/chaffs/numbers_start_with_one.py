"""A result of one number starts with 1; upstream counts for larger ones only.

Caught by:
    test_gradients.py::test_single_number
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    y = f(*xs)
    if y.shape != ():
        y.grad = np.array(upstream, dtype=np.float64)
    y.backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad.copy() for x in xs]
