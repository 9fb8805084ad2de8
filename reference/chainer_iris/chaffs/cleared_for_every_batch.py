"""Gradients are cleared before every batch, so that the last one remains.

Caught by:
    test_accumulate.py::test_sum_over_batches
    test_accumulate.py::test_old_gradients_are_forgotten
    test_accumulate.py::test_unused_has_zeros
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    if zeros:
        link.zerograds()
    else:
        link.cleargrads()
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        link.zerograds() if zeros else link.cleargrads()
        value.backward()
        total += float(value.array)
    return total
