"""A tensor's zero_grad keeps the gradient; the optimizer does without it.

Caught by:
    test_backward.py::test_zero_grad
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
    pass


Tensor.backward = backward
Tensor.zero_grad = zero_grad


# %% solve_train
class SGD:
    """Plain stochastic gradient descent: no momentum, no decay."""

    def __init__(self, parameters, lr):
        self.parameters = list(parameters)
        self.lr = lr

    def step(self):
        """For each parameter: data becomes data - lr * grad. A parameter without a gradient stays as it is."""
        for p in self.parameters:
            if p.grad is not None:
                p.data = p.data - self.lr * to_numpy(p.grad)

    def zero_grad(self):
        """Forget the gradients of all parameters."""
        for p in self.parameters:
            p.grad = None


class BranchingNet:
    """Classifies one iris flower at a time; which layers it uses depends on the flower."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.trunk = Linear(4, 12, rng)
        self.early = Linear(12, 3, rng)
        self.hidden = Linear(12, 12, rng)
        self.late = Linear(12, 3, rng)

    def parameters(self):
        """All parameters, of every branch: a list of leaf Tensors with requires_grad=True."""
        layers = (self.trunk, self.early, self.hidden, self.late)
        return [p for layer in layers for p in layer.parameters()]

    def __call__(self, x):
        """Tensor (1, 4), one flower in cm as in X_train -> logits, Tensor (1, 3)."""
        h = self.trunk(x - 3.5).relu()
        if x.data[0, 2] < 2.5:
            return self.early(h)
        return self.late(self.hidden(h).relu())


def train(net, X, y, epochs=20, lr=0.01):
    """Minimise cross_entropy by SGD, one step per flower."""
    optimizer = SGD(net.parameters(), lr)
    rng = np.random.default_rng(0)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for i in rng.permutation(len(X)):
            optimizer.zero_grad()
            loss = cross_entropy(net(Tensor(X[i : i + 1])), y[i])
            loss.backward()
            optimizer.step()
            total += float(loss.data)
        losses.append(total / len(X))
    return losses
