"""The demo's student who clears the gradients until they are zeros, which they never are.

Caught by:
    test_accumulate.py::test_unused_has_zeros
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    link.cleargrads()
    while zeros and any(p.grad is None for p in link.params()):
        link.cleargrads()
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
