"""The loss is computed once more, for the sum.

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
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(loss(*batch).array)
    return total
