"""apply records also what nobody needs a gradient of.

Caught by:
    test_function.py::test_records_only_for_a_gradient
    test_backward.py::test_constants_get_nothing
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
        if GradMode.enabled:
            out.requires_grad = True
            out.parents = tensors
            out.creator = (cls, ctx)
        return out
