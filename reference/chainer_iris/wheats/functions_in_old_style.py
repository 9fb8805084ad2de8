"""Chainer 1: chainer.Function with arrays in backward, zerograds, links in the constructor, creators walked by a heap."""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = tuple(chainer.Variable(np.asarray(a, "float64").copy()) for a in arrays)
    y = f(*xs)
    for x in xs:
        x.zerograd()
    y.grad = np.asarray(upstream, "float64").copy()
    y.backward()
    return tuple(np.array(x.grad) for x in xs)


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    h, kept = chainer.Variable(x), []
    kept.append(h)
    for layer in layers:
        h = layer(h)
        kept.append(h)
    h.grad = upstream
    h.backward(retain_grad=True)
    return [v.grad.copy() for v in kept[:-1]] + [upstream]


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    for p in link.params():
        p.zerograd() if zeros else p.cleargrad()
    values = []
    for batch in batches:
        values.append(loss(*batch))
        values[-1].backward()
    return float(sum(value.data for value in values))


# %% solve_graph
import heapq


def backward_order(y):
    seen, heap, order = set(), [], []

    def add(node):
        function = node.creator
        if function is not None and id(function) not in seen:
            seen.add(id(function))
            heapq.heappush(heap, (-function.rank, len(seen), function))

    add(y)
    while heap:
        _, _, function = heapq.heappop(heap)
        order.append(function)
        for node in function.inputs:
            add(node)
    return order


def used_parameters(y, link):
    return sorted(
        {name for name, p in link.namedparams() for f in backward_order(y) for n in f.inputs if n.get_variable_or_none() is p}
    )


# %% solve_swish
class Swish(chainer.Function):
    def forward(self, inputs):
        x, beta = inputs
        self.s = 0.5 * np.tanh(0.5 * beta * x) + np.array(0.5, x.dtype)
        return (x * self.s,)

    def backward(self, inputs, grad_outputs):
        x, beta = inputs
        slope = self.s * (1 - self.s)
        gx = grad_outputs[0] * (self.s + beta * x * slope)
        return gx, (grad_outputs[0] * x**2 * slope).sum(axis=0)


def swish(x, beta):
    return Swish()(x, beta)


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        random = np.random.RandomState(seed)

        def linear(n_in, n_out):
            return L.Linear(n_in, n_out, initialW=random.uniform(-1, 1, (n_out, n_in)) / np.sqrt(n_in))

        super().__init__(
            trunk=linear(4, hidden), left=linear(hidden, hidden), right=linear(hidden, hidden), head=linear(hidden, 3)
        )

    def __call__(self, x, coin):
        h = F.tanh(self.trunk(x))
        if coin():
            return self.head(F.relu(self.left(h)))
        return self.head(F.tanh(self.right(h)))


# %% solve_momentum
class Momentum:
    def __init__(self, lr, momentum=0.9):
        self.lr = lr
        self.momentum = momentum

    def setup(self, link):
        self.link = link
        self.v = [np.zeros_like(p.data) for p in link.params()]
        return self

    def update(self, lossfun=None, *args):
        if lossfun:
            for p in self.link.params():
                p.grad = None
            loss = lossfun(*args)
            loss.backward()
        for p, v in zip(self.link.params(), self.v):
            if p.grad is None:
                continue
            v *= self.momentum
            v -= self.lr * p.grad
            p.data += v


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    losses = []
    for _ in range(epochs):
        total = 0
        for start in range(0, len(X), batch_size):
            x, t = X[start : start + batch_size], y[start : start + batch_size]

            def lossfun(x, t):
                nonlocal total
                loss = F.softmax_cross_entropy(net(x, coin), t.astype("int32"))
                total += float(loss.data) * len(t)
                return loss

            optimizer.update(lossfun, x, t)
        losses.append(total / len(X))
    return losses


def fit(X, y, seed=0):
    random = np.random.RandomState(seed)
    order = random.permutation(len(X))
    net = BranchingNet(hidden=16, seed=seed)
    train(net, Momentum(0.02).setup(net), X[order], y[order], lambda: random.randint(2) == 1, epochs=80, batch_size=20)
    return net
