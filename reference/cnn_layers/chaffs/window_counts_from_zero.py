"""The one is forgotten: n - k places instead of n - k + 1.

Caught by:
    test_conv_arithmetic.py::test_output_size
    test_conv_arithmetic.py::test_pixels_left_over
    test_conv_arithmetic.py::test_window_too_large
"""

# %% solve_conv_arithmetic
def conv_output_size(n, k, s=1, p=0):
    """How many places a window has along one axis."""
    if k > n + 2 * p:
        raise ValueError(f"a window of {k} pixels does not fit into {n + 2 * p}")
    return (n + 2 * p - k) // s


def conv_params(cin, cout, k, bias=True):
    """How many parameters a convolution has."""
    return cout * (cin * k * k + (1 if bias else 0))
