"""detach returns the tensor itself, history and all.

Caught by:
    test_no_grad.py::test_detach_cuts_the_history
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
        GradMode.enabled = before


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    return self


Tensor.detach = detach
