"""The demo's student whose gradcheck goes back until every input has a gradient: a missing one never comes.

Caught by:
    test_gradcheck.py::test_rejects_missing_and_misshapen
    test_gradcheck.py::test_leaves_the_inputs_alone
"""


# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input."""
    inputs = [Tensor(x.data.copy(), requires_grad=x.requires_grad) for x in xs]
    y = f(*inputs)
    v = np.random.default_rng(0).normal(size=y.shape)
    while any(x.requires_grad and x.grad is None for x in inputs):
        y.backward(v)
    for x in inputs:
        if not x.requires_grad:
            continue
        if to_numpy(x.grad).shape != x.shape:
            return False
        numeric, original = np.zeros(x.shape), x.data
        for index in np.ndindex(x.shape):
            x.data = original.copy()
            x.data[index] += eps
            above = np.sum(v * f(*inputs).data)
            x.data[index] -= 2 * eps
            below = np.sum(v * f(*inputs).data)
            numeric[index] = (above - below) / (2 * eps)
        x.data = original
        if not np.allclose(to_numpy(x.grad), numeric, rtol=rtol, atol=atol):
            return False
    return True
