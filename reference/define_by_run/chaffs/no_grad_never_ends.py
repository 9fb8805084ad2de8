"""Recording stays off after the block.

Caught by:
    test_no_grad.py::test_recording_goes_on_after
    test_no_grad.py::test_switch_is_restored_after_an_exception
    test_no_grad.py::test_blocks_can_be_nested
"""

# %% solve_no_grad
@contextmanager
def no_grad():
    """Context manager: inside the block GradMode.enabled is False, so nothing is recorded."""
    GradMode.enabled = False
    yield


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    return Tensor(self.data)


Tensor.detach = detach
