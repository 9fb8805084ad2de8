"""gradcheck steps forth and back in the inputs themselves, and leaves rounding errors and gradients there.

Caught by:
    test_gradcheck.py::test_leaves_the_inputs_alone
    test_gradcheck.py::test_old_gradients_do_not_matter
"""

# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    for x in xs:
        x.grad = None
    y = f(*xs)
    v = np.random.default_rng(0).normal(size=y.shape)
    if y.requires_grad:
        y.backward(v)
    for x in xs:
        if not x.requires_grad:
            continue
        if x.grad is None or to_numpy(x.grad).shape != x.shape:
            return False
        x.data = x.data.copy()
        for index in np.ndindex(x.shape):
            x.data[index] += eps
            above = np.sum(v * f(*xs).data)
            x.data[index] -= 2 * eps
            below = np.sum(v * f(*xs).data)
            x.data[index] += eps
            if not np.isclose(to_numpy(x.grad)[index], (above - below) / (2 * eps), rtol=rtol, atol=atol):
                return False
    return True
