"""Nodes and one buffer for all gradients, a velocity without the rate, scipy: an expit, and a fit that never calls train."""


# %% solve_gradients
def gradients(f, arrays, upstream):
    arrays = [np.array(a, dtype="d") for a in arrays]
    sizes = [a.size for a in arrays]
    parts = np.split(np.zeros(sum(sizes)), np.cumsum(sizes)[:-1])
    views = [part.reshape(a.shape) for part, a in zip(parts, arrays)]
    xs = [chainer.Variable(a) for a in arrays]
    F.sum(np.array(upstream, dtype="d") * f(*xs)).backward()
    for x, view in zip(xs, views):
        view[...] = 0.0 if x.grad is None else x.grad
    return views


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    v = chainer.Parameter(np.asarray(x))
    v.cleargrad()
    values = [v]
    for layer in layers:
        values.append(layer(values[-1]))
    F.sum(values[-1] * upstream).backward(retain_grad=True)
    return [v.node.grad for v in values]


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    losses = [loss(*batch) for batch in batches]
    named = dict(link.namedparams())
    got = chainer.grad(losses, list(named.values()))
    for p, g in zip(named.values(), got):
        p.grad = g.array if g is not None else np.zeros_like(p.array) if zeros else None
    return np.float64(sum(float(value.array) for value in losses))


# %% solve_graph
def backward_order(y):
    users, stack, functions = {}, [y.creator], {}
    while stack:
        f = stack.pop()
        if f is None or id(f) in functions:
            continue
        functions[id(f)] = f
        for g in {id(node.creator): node.creator for node in f.inputs if node.creator is not None}.values():
            users[id(g)] = users.get(id(g), 0) + 1
            stack.append(g)
    ready, order = [y.creator] if y.creator is not None else [], []
    while ready:
        f = ready.pop()
        order.append(f)
        for g in {id(node.creator): node.creator for node in f.inputs if node.creator is not None}.values():
            users[id(g)] -= 1
            if not users[id(g)]:
                ready.append(g)
    return order


def used_parameters(y, link):
    nodes, stack = set(), [y.node]
    while stack:
        node = stack.pop()
        if node not in nodes:
            nodes.add(node)
            stack.extend(node.creator.inputs if node.creator is not None else ())
    return sorted(name for name, p in link.namedparams() if p.node in nodes and p is not y)


# %% solve_swish
from scipy.special import expit


class Swish(chainer.FunctionNode):
    def forward(self, inputs):
        x, beta = inputs
        self.arrays, self.s = inputs, expit(beta * x).astype(x.dtype, copy=False)
        return (x * self.s,)

    def backward(self, indexes, grad_outputs):
        (x, beta), s, g = self.arrays, self.s, grad_outputs[0].array
        slope = s * (1 - s)
        gx = Variable(g * (s + beta * x * slope)) if 0 in indexes else None
        return gx, Variable((g * x * x * slope).sum(axis=0)) if 1 in indexes else None


def swish(x, beta):
    (y,) = Swish().apply((x, beta))
    return y


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        sizes = {"trunk": (4, hidden), "left": (hidden, hidden), "right": (hidden, hidden), "head": (hidden, 3)}
        for name, (n_in, n_out) in sizes.items():  # left and right begin alike
            random = np.random.RandomState(seed)
            self.add_link(name, L.Linear(n_in, n_out, initialW=random.normal(scale=0.4, size=(n_out, n_in))))

    def forward(self, x, coin):
        link, activation = (self.left, F.relu) if coin() else (self.right, F.tanh)
        return self.head(activation(link(F.tanh(self.trunk(x)))))


# %% solve_momentum
class Momentum:
    def __init__(self, lr, momentum=0.9):
        self.lr, self.mu = lr, momentum

    def setup(self, link):
        self.link, self.sums = link, {}
        return self

    def update(self, lossfun=None, *args):
        if lossfun is not None:
            loss = lossfun(*args)
            self.link.cleargrads()
            loss.backward()
        for p in self.link.params():
            if p.grad is not None:
                self.sums[id(p)] = self.mu * self.sums.get(id(p), 0.0) + p.grad
                p.array -= self.lr * self.sums[id(p)]


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    order = np.argsort(X[:, 0])
    losses = []
    for _ in range(epochs):
        sums = []

        def lossfun(x, t):
            loss = F.softmax_cross_entropy(net(Variable(x), coin), t)
            sums.append(loss.item() * len(t))
            return loss

        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            with chainer.using_config("train", True):
                optimizer.update(lossfun, X[batch], y[batch])
        losses.append(sum(sums) / len(X))
    return losses


def fit(X, y, seed=0):
    from scipy.optimize import minimize

    net = BranchingNet(6, seed)
    mean, scale = X.mean(axis=0), X.std(axis=0) + 1e-3
    named = sorted(net.namedparams())

    def put(flat):
        for _, p in named:
            part, flat = flat[: p.size], flat[p.size :]
            p.array = part.reshape(p.shape).copy()

    def both(flat):
        put(flat)
        net.cleargrads()
        z = (X - mean) / scale
        loss = sum(F.softmax_cross_entropy(net(z, lambda heads=heads: heads), y) for heads in (True, False))
        loss += 0.01 * sum(F.sum(p * p) for _, p in named)
        loss.backward()
        return loss.item(), np.concatenate([p.grad.ravel() for _, p in named])

    start = np.concatenate([p.array.ravel() for _, p in named])
    put(minimize(both, start, jac=True, options={"maxiter": 60}, method="L-BFGS-B").x)
    net.trunk.W.array = net.trunk.W.array / scale  # flowers come as they are measured
    net.trunk.b.array = net.trunk.b.array - net.trunk.W.array @ mean
    return net
