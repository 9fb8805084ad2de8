"""A step goes up the gradient.

Caught by:
    test_train.py::test_step_descends
    test_train.py::test_train_takes_plain_steps
    test_train.py::test_accuracy_on_new_flowers
"""

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
                p.data = p.data + self.lr * to_numpy(p.grad)

    def zero_grad(self):
        """Forget the gradients of all parameters."""
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
