"""backward without a gradient guesses ones for any shape, and lets numpy broadcast what it is given.

Caught by:
    test_backward.py::test_several_numbers_need_a_gradient
"""

# %% solve_backward
def backward(self, grad=None):
    """Add to every leaf's `.grad` the gradient of sum(grad * self) with respect to that leaf."""
    if not self.requires_grad:
        raise RuntimeError("nothing was recorded for this tensor: it does not require a gradient")
    if grad is None:
        grad = np.ones(self.shape)
    grad = np.array(to_numpy(grad), dtype=np.float64)
    grad = np.broadcast_to(grad, self.shape)
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
        for parent, d in zip(node.parents, grads, strict=True):
            if parent.requires_grad and d is not None:
                pending[id(parent)] = pending[id(parent)] + d if id(parent) in pending else np.array(d)


def zero_grad(self):
    """Forget the gradient: `.grad` is None again (or zeros, if that is your choice)."""
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
