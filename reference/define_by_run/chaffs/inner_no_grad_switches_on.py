"""The end of a block switches recording on, whatever it was before.

Caught by:
    test_no_grad.py::test_blocks_can_be_nested
"""

# %% solve_no_grad
@contextmanager
def no_grad():
    """Context manager: inside the block GradMode.enabled is False, so nothing is recorded."""
    before = GradMode.enabled
    GradMode.enabled = False
    try:
        yield
    finally:
        GradMode.enabled = True


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    return Tensor(self.data)


Tensor.detach = detach
