"""A leaf's gradient is replaced by that of the next pass instead of added to.

Caught by:
    test_backward.py::test_passes_add_up_in_leaves
    test_backward.py::test_second_pass_through_the_same_graph
"""

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
            node.grad = g
            continue
        function, ctx = node.creator
        grads = function.backward(ctx, g)
        grads = grads if isinstance(grads, tuple) else (grads,)
        for parent, d in zip(node.parents, grads, strict=True):
            if parent.requires_grad and d is not None:
                pending[id(parent)] = pending[id(parent)] + d if id(parent) in pending else np.array(d)


def zero_grad(self):
    """Forget the gradient: `.grad` is None again (or zeros, if that is your choice)."""
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
