"""Gradients are Tensors, and the graph is freed while backward walks it, as in PyTorch: a second pass is a RuntimeError."""

# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise RuntimeError("element 0 of tensors does not require grad")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        grad = np.ones(self.shape)
    if np.shape(grad) != self.shape:
        raise RuntimeError(f"Mismatch in shape: {np.shape(grad)} and {self.shape}")
    grads = {id(self): Tensor(np.array(grad, dtype=np.float64))}
    order = topological_order(self)
    if any(getattr(node, "freed", False) for node in order):
        raise RuntimeError("Trying to backward through the graph a second time")
    while order:
        node = order.pop()
        g = grads.pop(id(node), None)
        if not node.parents:
            if g is not None and node.requires_grad:
                node.grad = g if node.grad is None else Tensor(node.grad.data + g.data)
            continue
        function, ctx = node.creator
        if g is not None:
            ds = function.backward(ctx, g.data)
            for parent, d in zip(node.parents, ds if isinstance(ds, tuple) else (ds,)):
                if parent.requires_grad and d is not None:
                    old = grads.get(id(parent))
                    grads[id(parent)] = Tensor(np.array(d) if old is None else old.data + d)
        node.freed, node.creator, node.parents = True, None, ()


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
