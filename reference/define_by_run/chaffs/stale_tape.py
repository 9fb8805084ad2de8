"""One tape for everything, cleared only by the optimizer: results of earlier runs pass their gradients on again.

Caught by:
    test_backward.py::test_passes_add_up_in_leaves
    test_backward.py::test_zero_grad
    test_backward.py::test_second_pass_through_the_same_graph
    test_backward.py::test_only_the_path_taken
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_step_descends
"""

# %% solve_function
TAPE = []


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
            out.parents = tensors
            out.creator = (cls, ctx)
            TAPE.append(out)
        return out


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
    self.grad = grad
    for node in reversed(TAPE):
        if node.grad is None:
            continue
        function, ctx = node.creator
        grads = function.backward(ctx, node.grad)
        for parent, d in zip(node.parents, grads if isinstance(grads, tuple) else (grads,)):
            if parent.requires_grad and d is not None:
                parent.grad = np.array(d) if parent.grad is None else parent.grad + d


def zero_grad(self):
    self.grad = None


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
        TAPE.clear()
        for p in self.parameters:
            p.zero_grad()


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
