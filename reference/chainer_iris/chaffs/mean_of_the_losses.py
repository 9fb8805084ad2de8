"""The mean of the losses comes back, the gradients are those of the sum.

Caught by:
    test_accumulate.py::test_total
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
        total += float(value.array)
    return total / len(batches)
