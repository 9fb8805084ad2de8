"""The order is listed from the root to the leaves; backward is written to match.

Caught by:
    test_topological_order.py::test_parents_come_first
    test_topological_order.py::test_leaves_belong_to_it
    test_topological_order.py::test_long_chain
"""

# %% solve_topological_order
def topological_order(root):
    """List the graph behind `root`, every tensor after all of its parents."""
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order[::-1]


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
    for node in topological_order(self):
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
