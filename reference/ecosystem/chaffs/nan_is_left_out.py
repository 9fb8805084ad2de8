"""Numbers that are none are left out of the maximum.

Caught by:
    test_parity.py::test_not_a_number
"""


# %% solve_parity
def parity(ways, x):
    """How far apart several ways of computing the same model are."""
    (_, first), *others = ((name, way(x)) for name, way in ways.items())
    far = {}
    for name, values in others:
        largest = np.nanmax(np.abs(values - first)) if values.shape == first.shape else np.inf
        far[name] = np.inf if np.isnan(largest) else float(largest)
    return far
