"""What Chainer has anyway: chainer.grad, its own picture of the graph, its iterator, its optimizer with another update rule."""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [chainer.Parameter(np.array(a, dtype=float)) for a in arrays]
    y = f(*xs)
    gs = chainer.grad([y], xs, grad_outputs=[Variable(np.array(upstream, dtype=float))])
    return [np.zeros(x.shape) if g is None else g.array.copy() for x, g in zip(xs, gs)]


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    values = [Variable(x)]
    for layer in layers:
        values.append(layer(values[-1]))
    if not layers:
        return [upstream]
    gs = chainer.grad(values[-1:], values[:-1], grad_outputs=[Variable(upstream)])
    return [g.array for g in gs] + [upstream]


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    link.cleargrads()
    total = sum(loss(*batch) for batch in batches)
    total.backward()
    if zeros:
        for p in link.params():
            if p.grad is None:
                p.grad = np.zeros_like(p.array)
    return total.array.item()


# %% solve_graph
from chainer.computational_graph import build_computational_graph


def backward_order(y):
    nodes = build_computational_graph([y]).nodes
    return sorted((n for n in nodes if isinstance(n, chainer.FunctionNode)), key=lambda f: -f.rank)


def used_parameters(y, link):
    nodes = build_computational_graph([y]).nodes
    return [name for name, p in sorted(link.namedparams(), key=lambda pair: pair[0]) if any(p.node is n for n in nodes)]


# %% solve_swish
class Swish(chainer.FunctionNode):
    def forward_cpu(self, inputs):
        self.retain_inputs((0, 1))
        x, beta = inputs
        with np.errstate(over="ignore"):
            return (x / (1 + np.exp(-beta * x)),)

    def backward(self, indexes, grad_outputs):
        x, beta = self.get_retained_inputs()
        g = grad_outputs[0]
        t = F.scale(x, beta, axis=1)
        s = F.sigmoid(t)
        answers = {}
        if 0 in indexes:
            answers[0] = g * s * (1 + t * (1 - s))
        if 1 in indexes:
            answers[1] = F.sum_to(g * F.square(x) * s * (1 - s), beta.shape)
        return tuple(answers[i] for i in indexes)


def swish(x, beta):
    (y,) = Swish().apply([x, beta])
    return y


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        random = np.random.RandomState(seed)
        for name, n_in, n_out in (
            ("trunk", 4, hidden),
            ("left", hidden, hidden),
            ("right", hidden, hidden),
            ("head", hidden, 3),
        ):
            self.add_link(name, L.Linear(n_in, n_out, initialW=chainer.initializers.GlorotUniform(rng=random)))

    def forward(self, x, coin):
        branches = {True: lambda h: F.relu(self.left(h)), False: lambda h: F.tanh(self.right(h))}
        return self.head(branches[bool(coin())](F.tanh(self.trunk(x))))


# %% solve_momentum
class Momentum(chainer.optimizers.MomentumSGD):
    def __init__(self, lr, momentum=0.9):
        super().__init__(lr=lr, momentum=momentum)

    def reallocate_cleared_grads(self):
        pass


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    flowers = chainer.datasets.TupleDataset(X, y)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        order = np.random.RandomState(epoch)
        for batch in chainer.iterators.SerialIterator(
            flowers, batch_size, repeat=False, order_sampler=lambda order_, _: order.permutation(len(X))
        ):
            x, t = chainer.dataset.concat_examples(batch)
            loss = F.mean(F.softmax_cross_entropy(net(Variable(x), coin), t, reduce="no"))
            net.cleargrads()
            loss.backward()
            optimizer.update()
            total += loss.item() * len(batch)
        losses.append(total / len(X))
    return losses


def fit(X, y, seed=0):
    net = BranchingNet(8, seed)
    optimizer = chainer.optimizers.RMSprop(lr=0.005).setup(net)
    optimizer.add_hook(chainer.optimizer.WeightDecay(1e-4))
    tosses = iter(np.random.RandomState(seed + 1).rand(100000) < 0.5)
    train(net, optimizer, np.asarray(X), np.asarray(y), lambda: next(tosses), 80)
    return net
