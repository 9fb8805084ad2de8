"""Nothing clears the gradients: new ones are added to NaN, or to what was there.

Caught by:
    test_accumulate.py::test_sum_over_batches
    test_accumulate.py::test_old_gradients_are_forgotten
    test_accumulate.py::test_unused_has_none
    test_accumulate.py::test_unused_has_zeros
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
