"""gradcheck looks at the first element only.

Caught by:
    test_gradcheck.py::test_rejects_one_wrong_element
"""

# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input."""
    inputs = [Tensor(x.data.copy(), requires_grad=x.requires_grad) for x in xs]
    y = f(*inputs)
    v = np.random.default_rng(0).normal(size=y.shape)
    y.backward(v)
    for x in inputs:
        if not x.requires_grad:
            continue
        if x.grad is None or to_numpy(x.grad).shape != x.shape:
            return False
        numeric = np.zeros(x.shape)
        original = x.data
        for index in np.ndindex(x.shape):
            sides = []
            for step in (eps, -eps):
                x.data = original.copy()
                x.data[index] += step
                sides.append(np.sum(v * f(*inputs).data))
            numeric[index] = (sides[0] - sides[1]) / (2 * eps)
        x.data = original
        first = (0,) * x.data.ndim
        if not np.allclose(to_numpy(x.grad)[first], numeric[first], rtol=rtol, atol=atol):
            return False
    return True
