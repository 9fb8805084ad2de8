"""The batches are taken from the last to the first.

Caught by:
    test_accumulate.py::test_each_batch_once
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    if zeros:
        link.zerograds()
    else:
        link.cleargrads()
    total = 0.0
    for batch in reversed(batches):
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
