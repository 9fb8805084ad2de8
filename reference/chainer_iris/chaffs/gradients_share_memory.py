"""The gradients are handed out as Chainer has them: one array for all terms of a sum.

Caught by:
    test_gradients.py::test_own_arrays
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    y = f(*xs)
    y.grad = np.array(upstream, dtype=np.float64)
    y.backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad for x in xs]
