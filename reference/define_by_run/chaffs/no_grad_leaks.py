"""After an exception recording stays off: nothing restores the switch.

Caught by:
    test_no_grad.py::test_switch_is_restored_after_an_exception
"""

# %% solve_no_grad
@contextmanager
def no_grad():
    """Context manager: inside the block GradMode.enabled is False, so nothing is recorded."""
    before = GradMode.enabled
    GradMode.enabled = False
    yield
    GradMode.enabled = before


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    return Tensor(self.data)


Tensor.detach = detach
