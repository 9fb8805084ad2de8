"""The mean of the differences hides the one that is large.

Caught by:
    test_parity.py::test_largest_difference
"""


# %% solve_parity
def parity(ways, x):
    """How far apart several ways of computing the same model are."""
    (_, first), *others = ((name, way(x)) for name, way in ways.items())
    far = {}
    for name, values in others:
        largest = np.abs(values - first).mean() if values.shape == first.shape else np.inf
        far[name] = np.inf if np.isnan(largest) else float(largest)
    return far
