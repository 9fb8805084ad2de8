"""f is called anew for each array's gradient.

Caught by:
    test_gradients.py::test_called_once
"""


# %% solve_gradients
def gradients(f, arrays, upstream):
    results = []
    for place in range(len(arrays)):
        xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
        y = f(*xs)
        y.grad = np.array(upstream, dtype=np.float64)
        y.backward()
        x = xs[place]
        results.append(np.zeros(x.shape) if x.grad is None else x.grad.copy())
    return results
