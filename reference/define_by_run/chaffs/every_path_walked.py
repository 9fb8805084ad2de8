"""backward follows every path to the leaves by itself: right sums, exponential work, deep recursion.

Caught by:
    test_backward.py::test_each_operation_once
    test_backward.py::test_long_chain
"""

# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise RuntimeError("no gradient is required")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError("a gradient is needed to start from")
        grad = np.ones(self.shape)
    grad = np.array(grad, dtype=float)
    if grad.shape != self.shape:
        raise ValueError("the gradient has the wrong shape")
    if not self.parents:
        self.grad = grad if self.grad is None else self.grad + grad
        return
    function, ctx = self.creator
    grads = function.backward(ctx, grad)
    for parent, d in zip(self.parents, grads if isinstance(grads, tuple) else (grads,)):
        if parent.requires_grad and d is not None:
            parent.backward(d)


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
