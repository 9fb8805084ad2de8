"""apply records whatever the switch says.

Caught by:
    test_function.py::test_records_nothing_when_switched_off
    test_no_grad.py::test_nothing_is_recorded_inside
    test_no_grad.py::test_blocks_can_be_nested
"""

# %% solve_function
class Function:
    """One differentiable operation. A subclass has two static methods."""

    @classmethod
    def apply(cls, *inputs, **options):
        """Compute forward and record the step."""
        tensors = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        ctx = Context()
        out = Tensor(cls.forward(ctx, *(t.data for t in tensors), **options))
        if any(t.requires_grad for t in tensors):
            out.requires_grad = True
            out.parents = tensors
            out.creator = (cls, ctx)
        return out
