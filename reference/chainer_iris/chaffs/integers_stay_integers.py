"""Integers become Variables of integers, as Chainer takes them.

Caught by:
    test_gradients.py::test_integers
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a)) for a in arrays]
    y = f(*xs)
    y.grad = np.array(upstream, dtype=np.float64)
    y.backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad.copy() for x in xs]
