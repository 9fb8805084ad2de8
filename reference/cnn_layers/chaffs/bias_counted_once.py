"""The bias is one number for the whole layer.

Caught by:
    test_conv_arithmetic.py::test_biases_counted
"""

# %% solve_conv_arithmetic
def conv_output_size(n, k, s=1, p=0):
    """How many places a window has along one axis."""
    if k > n + 2 * p:
        raise ValueError(f"a window of {k} pixels does not fit into {n + 2 * p}")
    return (n + 2 * p - k) // s + 1


def conv_params(cin, cout, k, bias=True):
    """How many parameters a convolution has."""
    return cout * cin * k * k + (1 if bias else 0)
