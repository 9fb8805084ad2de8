"""Tensors in between keep their gradients and pass them on again in the next pass.

Caught by:
    test_backward.py::test_second_pass_through_the_same_graph
    test_arithmetic.py::test_operands_are_not_changed
    test_operations.py::test_operands_are_not_changed
"""

# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise RuntimeError("no gradient is required")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError("a gradient is needed to start from")
        grad = np.ones(self.shape)
    if np.shape(grad) != self.shape:
        raise ValueError("the gradient has the wrong shape")

    def add(node, d):
        node.grad = np.array(d, dtype=float) if node.grad is None else node.grad + d

    add(self, grad)
    for node in reversed(topological_order(self)):
        if node.parents and node.grad is not None:
            function, ctx = node.creator
            grads = function.backward(ctx, node.grad)
            for parent, d in zip(node.parents, grads if isinstance(grads, tuple) else (grads,)):
                if parent.requires_grad and d is not None:
                    add(parent, d)


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
