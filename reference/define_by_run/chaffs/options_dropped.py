"""apply does not pass its options on to forward.

Caught by:
    test_function.py::test_computes_forward
    test_operations.py::test_values
    test_operations.py::test_gradients_of_sum
    test_operations.py::test_gradients_of_sum_with_keepdims
    test_operations.py::test_gradients_of_reshape
    test_operations.py::test_gradients_of_transpose
"""

# %% solve_function
class Function:
    """One differentiable operation. A subclass has two static methods."""

    @classmethod
    def apply(cls, *inputs, **options):
        """Compute forward and record the step."""
        tensors = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        ctx = Context()
        out = Tensor(cls.forward(ctx, *(t.data for t in tensors)))
        if GradMode.enabled and any(t.requires_grad for t in tensors):
            out.requires_grad = True
            out.parents = tensors
            out.creator = (cls, ctx)
        return out
