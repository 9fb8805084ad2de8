"""The demo's student who counts places one by one: a stride that jumps over the last pixel never ends.

Caught by:
    test_conv_arithmetic.py::test_pixels_left_over
"""

# %% solve_conv_arithmetic
def conv_output_size(n, k, s=1, p=0):
    """How many places a window has along one axis."""
    if k > n + 2 * p:
        raise ValueError(f"a window of {k} pixels does not fit into {n + 2 * p}")
    places, end = 0, k - 2 * p
    while end != n:
        places, end = places + 1, end + s
    return places + 1


def conv_params(cin, cout, k, bias=True):
    """How many parameters a convolution has."""
    return cout * (cin * k * k + (1 if bias else 0))
