"""What is too small is not seen.

Caught by:
    test_parity.py::test_largest_difference
"""


# %% solve_parity
def parity(ways, x):
    """How far apart several ways of computing the same model are."""
    first, *others = ((name, np.asarray(way(x), dtype=np.float64)) for name, way in ways.items())
    far = {}
    for name, values in others:
        largest = (values - first[1]).max() if values.shape == first[1].shape else np.inf
        far[name] = np.inf if np.isnan(largest) else float(largest)
    return far
