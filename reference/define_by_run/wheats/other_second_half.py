"""Another second half: no_grad is a class, detach copies, gradcheck goes through the whole Jacobian in place, training is in place.

Which layers are used depends on how sure the first one is, not on a measured length.
"""

# %% solve_no_grad
class no_grad:
    """Context manager: nothing is recorded inside."""

    def __enter__(self):
        self.before, GradMode.enabled = GradMode.enabled, False

    def __exit__(self, *exception):
        GradMode.enabled = self.before
        return False


def detach(self):
    return Tensor(self.data.copy(), requires_grad=False)


Tensor.detach = detach


# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    rng = np.random.default_rng()
    saved = [(x.data, x.grad) for x in xs]
    try:
        for x in xs:
            x.data, x.grad = x.data.copy(), None
        y = f(*xs)
        weights = Tensor(rng.uniform(1.0, 2.0, size=y.shape))
        if y.requires_grad:
            (y * weights).sum().backward()
        analytic = [x.grad for x in xs]
        for x, gradient in zip(xs, analytic):
            if not x.requires_grad:
                continue
            gradient = None if gradient is None else to_numpy(gradient)
            if gradient is None or gradient.shape != x.shape:
                return False
            flat, expected = x.data.reshape(-1), np.empty(x.data.size)
            with no_grad():
                for i in range(flat.size):
                    old = flat[i]
                    flat[i] = old + eps
                    above = np.sum(f(*xs).data * weights.data)
                    flat[i] = old - eps
                    below = np.sum(f(*xs).data * weights.data)
                    flat[i] = old
                    expected[i] = (above - below) / (2 * eps)
            if not np.allclose(gradient.reshape(-1), expected, rtol=rtol, atol=atol):
                return False
        return True
    finally:
        for x, (data, grad) in zip(xs, saved):
            x.data, x.grad = data, grad


# %% solve_train
class SGD:
    """Plain stochastic gradient descent, in place."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self):
        with no_grad():
            for p in self.parameters:
                if p.grad is not None:
                    p.data -= self.lr * to_numpy(p.grad)

    def zero_grad(self):
        for p in self.parameters:
            p.zero_grad()


class BranchingNet:
    """Asks a second network only when the first is not sure."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.quick = Linear(4, 3, rng)
        self.inner, self.outer = Linear(4, 10, rng), Linear(10, 3, rng)

    def parameters(self):
        return self.quick.parameters() + self.inner.parameters() + self.outer.parameters()

    def __call__(self, x):
        x = (x - np.array([5.8, 3.1, 3.8, 1.2])) / np.array([0.8, 0.4, 1.8, 0.8])
        first = self.quick(x)
        ordered = np.sort(first.data, axis=1)
        if ordered[0, -1] - ordered[0, -2] > 2.0:
            return first
        return first + self.outer(self.inner(x).relu())


def train(net, X, y, epochs=30, lr=0.05):
    optimizer = SGD(net.parameters(), lr)
    history = []
    for _ in range(epochs):
        losses = []
        for x, label in zip(X, y):
            loss = cross_entropy(net(Tensor([x])), label)
            optimizer.zero_grad()
            loss.backward()
            losses.append(loss.data.item())
            optimizer.step()
        history.append(sum(losses) / len(losses))
    return history
