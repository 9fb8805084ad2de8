"""Gradients are cleared only where they are NaN, that is in new links.

Caught by:
    test_accumulate.py::test_old_gradients_are_forgotten
    test_accumulate.py::test_unused_has_none
    test_accumulate.py::test_unused_has_zeros
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    for p in link.params():
        if p.grad is not None and np.isnan(p.grad).any():
            p.zerograd() if zeros else p.cleargrad()
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
