"""Everything is kept and copied by hand: forward keeps its outputs, gradients come from copies, arrays change in place."""


# %% solve_gradients
def gradients(f, arrays, upstream):
    leaves = []
    for a in arrays:
        leaf = Variable(np.empty(np.shape(a)))
        leaf.array[...] = a
        leaf.grad = np.zeros(leaf.shape)
        leaves.append(leaf)
    y = f(*leaves)
    y.grad = np.empty(y.shape)
    y.grad[...] = upstream
    y.backward()
    return [leaf.grad * 1.0 for leaf in leaves]


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    got = []
    for place in range(len(layers) + 1):
        v = Variable(x)
        for layer in layers[:place]:
            v = Variable(layer(v).array)
        start = v
        for layer in layers[place:]:
            v = layer(v)
        v.grad = np.array(upstream)
        v.backward()
        got.append(start.grad)
    return got


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    sums, total = {}, 0.0
    for batch in batches:
        link.cleargrads()
        value = loss(*batch)
        value.backward()
        total += float(value.array)
        for name, p in link.namedparams():
            if p.grad is not None:
                sums[name] = sums.get(name, 0.0) + p.grad
    for name, p in link.namedparams():
        p.grad = sums.get(name, np.zeros_like(p.array) if zeros else None)
    return total


# %% solve_swish
class Swish(chainer.FunctionNode):
    def forward(self, inputs):
        x, beta = inputs
        self.retain_inputs((0, 1))
        self.retain_outputs((0,))
        t = np.multiply(x, beta)
        positive = t >= 0
        e = np.exp(-np.abs(t))
        s = np.where(positive, 1 / (1 + e), e / (1 + e)).astype(x.dtype)
        return (np.multiply(x, s),)

    def backward(self, indexes, grad_outputs):
        x, beta = self.get_retained_inputs()
        (y,) = self.get_retained_outputs()
        b = F.broadcast_to(F.expand_dims(beta, 0), x.shape)
        s = F.sigmoid(b * x)
        both = grad_outputs[0] * (s + b * y * (1 - s)), F.sum(grad_outputs[0] * x * y * (1 - s), 0)
        return tuple(g if i in indexes else None for i, g in enumerate(both))


class SwishOfVariables(Swish):
    """Also a Swish."""


def swish(x, beta):
    return SwishOfVariables().apply((chainer.as_variable(x), chainer.as_variable(beta)))[0]


# %% solve_branching_net
class Branch(L.Linear):
    pass


class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        before = np.random.get_state()
        np.random.seed(seed)
        super().__init__()
        with self.init_scope():
            self.head, self.right, self.left = L.Linear(hidden, 3), Branch(hidden, hidden), Branch(hidden, hidden)
            self.trunk = L.Linear(4, hidden, initial_bias=chainer.initializers.Normal(0.1))
        np.random.set_state(before)

    def forward(self, x, coin):
        heads = coin()
        link, activation = (self.left, F.relu) if heads else (self.right, F.tanh)
        return self.head(activation(link(F.tanh(self.trunk(x)))))


# %% solve_momentum
class Momentum(object):
    def __init__(self, lr, momentum=0.9):
        self.parts = lr, momentum

    def setup(self, link):
        self.target, self.before = link, {name: p.array.copy() for name, p in link.namedparams()}
        return self

    def update(self, lossfun=None, *args):
        if lossfun is not None:
            self.target.cleargrads()
            lossfun(*args).backward()
        lr, mu = self.parts
        for name, p in self.target.namedparams():
            if p.grad is None:
                continue
            now = p.array.copy()
            np.copyto(p.array, now + mu * (now - self.before[name]) - lr * p.grad)
            self.before[name] = now


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    def one_epoch(order):
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            net.cleargrads()
            loss = F.softmax_cross_entropy(net(X[batch].copy(), coin), y[batch])
            loss.backward()
            optimizer.update()
            yield loss.array * (len(batch) / len(order))

    return [float(sum(one_epoch(np.argsort((np.arange(len(X)) * 7919 + e) % len(X), kind="stable")))) for e in range(epochs)]


def fit(X, y, seed=0):
    net = BranchingNet(20, seed)
    optimizer = Momentum(0.05, 0.5)
    optimizer.setup(net)
    random = np.random.RandomState(seed)
    train(net, optimizer, X, y, lambda: bool(random.binomial(1, 0.5)), epochs=150, batch_size=25)
    return net
