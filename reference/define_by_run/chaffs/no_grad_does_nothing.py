"""The block records like any other code.

Caught by:
    test_no_grad.py::test_nothing_is_recorded_inside
    test_no_grad.py::test_blocks_can_be_nested
"""

# %% solve_no_grad
@contextmanager
def no_grad():
    """Context manager: inside the block GradMode.enabled is False, so nothing is recorded."""
    before = GradMode.enabled
    try:
        yield
    finally:
        GradMode.enabled = before


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    return Tensor(self.data)


Tensor.detach = detach
