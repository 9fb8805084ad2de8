"""Constants are left out of the parents, so that gradients reach the wrong input.

Caught by:
    test_function.py::test_numbers_are_taken_as_constants
    test_function.py::test_records_only_for_a_gradient
    test_backward.py::test_only_the_path_taken
    test_arithmetic.py::test_reflected_gradients
    test_operations.py::test_gradients_of_matmul
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_train_takes_plain_steps
    test_train.py::test_accuracy_on_new_flowers
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
        if GradMode.enabled and any(t.requires_grad for t in tensors):
            out.requires_grad = True
            out.parents = tuple(t for t in tensors if t.requires_grad)
            out.creator = (cls, ctx)
        return out


# %% solve_backward
def backward(self, grad=None):
    """Add to every leaf's `.grad` the gradient of sum(grad * self) with respect to that leaf."""
    if not self.requires_grad:
        raise RuntimeError("nothing was recorded for this tensor: it does not require a gradient")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError(f"a tensor of shape {self.shape} needs a gradient to start from")
        grad = np.ones(self.shape)
    grad = np.array(to_numpy(grad), dtype=np.float64)
    if grad.shape != self.shape:
        raise ValueError(f"a gradient of shape {grad.shape} does not fit a tensor of shape {self.shape}")
    pending = {id(self): grad}
    for node in reversed(topological_order(self)):
        if id(node) not in pending:
            continue
        g = pending.pop(id(node))
        if not node.parents:
            node.grad = g if node.grad is None else node.grad + g
            continue
        function, ctx = node.creator
        grads = function.backward(ctx, g)
        grads = grads if isinstance(grads, tuple) else (grads,)
        for parent, d in zip(node.parents, grads):
            if parent.requires_grad and d is not None:
                pending[id(parent)] = pending[id(parent)] + d if id(parent) in pending else np.array(d)


def zero_grad(self):
    """Forget the gradient: `.grad` is None again (or zeros, if that is your choice)."""
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
