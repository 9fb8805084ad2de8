"""zerograds, whatever was asked for.

Caught by:
    test_accumulate.py::test_unused_has_none
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    link.zerograds()
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
