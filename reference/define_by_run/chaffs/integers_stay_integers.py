"""Integers that come in stay integers.

Caught by:
    test_tensor.py::test_data_is_float64
"""

# %% solve_tensor
class Tensor:
    """A float64 array that can remember where it came from."""

    __array_ufunc__ = None  # numpy must leave `array * tensor` to the tensor's __rmul__

    def __init__(self, data, requires_grad=False):
        self.data = np.asarray(data)
        self.requires_grad = bool(requires_grad)
        self.parents = ()
        self.grad = None

    @property
    def shape(self):
        """The shape of the data, a tuple of int."""
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"
