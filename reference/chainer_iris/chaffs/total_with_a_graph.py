"""The sum is a Variable, and keeps the graph of every batch in memory.

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
        total = total + value
    return total
