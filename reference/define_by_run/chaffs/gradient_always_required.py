"""Every tensor requires a gradient, whether asked to or not.

Caught by:
    test_tensor.py::test_starts_as_a_leaf
    test_function.py::test_numbers_are_taken_as_constants
    test_function.py::test_records_only_for_a_gradient
    test_function.py::test_records_nothing_when_switched_off
    test_backward.py::test_constants_get_nothing
    test_no_grad.py::test_detach_cuts_the_history
"""

# %% solve_tensor
class Tensor:
    """A float64 array that can remember where it came from."""

    __array_ufunc__ = None  # numpy must leave `array * tensor` to the tensor's __rmul__

    def __init__(self, data, requires_grad=False):
        self.data = np.asarray(data, dtype=np.float64)
        self.requires_grad = True
        self.parents = ()
        self.grad = None

    @property
    def shape(self):
        """The shape of the data, a tuple of int."""
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"
