"""gradcheck compares gradients that were added to old ones.

Caught by:
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_leaves_the_inputs_alone
    test_gradcheck.py::test_old_gradients_do_not_matter
"""

# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input."""
    inputs = xs
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
        if not np.allclose(to_numpy(x.grad), numeric, rtol=rtol, atol=atol):
            return False
    return True
