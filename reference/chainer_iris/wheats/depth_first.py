"""The graph by sprint 1's depth-first search; velocities on the parameters; one branch after the other, by a coin in turn."""


# %% solve_gradients
def gradients(f, arrays, upstream):
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    loss = F.sum(f(*xs) * np.array(upstream, dtype=np.float64))
    loss.backward()
    return [np.zeros_like(x.array) if x.grad is None else np.array(x.grad) for x in xs]


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    results = []

    def run(v, rest):
        results.append(v)
        return run(rest[0](v), rest[1:]) if rest else v

    y = run(Variable(x.copy()), list(layers))
    y.grad = upstream.copy()
    y.backward(True)
    return [v.grad_var.array for v in results]


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    for p in link.params():
        p.grad = np.zeros_like(p.array) if zeros else None
    losses = []
    for batch in batches:
        y = loss(*batch)
        losses.append(y.item())
        y.backward()
        y.unchain_backward()
    return sum(losses)


# %% solve_graph
def backward_order(y):
    order, seen, stack = [], set(), [(y.creator_node, False)]
    while stack:
        function, finished = stack.pop()
        if finished:
            order.append(function)
        elif function is not None and id(function) not in seen:
            seen.add(id(function))
            stack.append((function, True))
            stack.extend((node.creator_node, False) for node in function.inputs)
    return order[::-1]


def used_parameters(y, link):
    names = {id(p.node): name for name, p in link.namedparams()}
    leaves = [node for f in backward_order(y) for node in f.inputs if node.creator_node is None]
    return sorted({names[id(node)] for node in leaves if id(node) in names})


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        random = np.random.RandomState([seed, 7])
        with self.init_scope():
            self.trunk = L.Linear(4, hidden)
            self.left = L.Linear(hidden, hidden)
            self.right = L.Linear(hidden, hidden)
            self.head = L.Linear(hidden, 3)
        for _, p in sorted(self.namedparams()):
            p.array[...] = random.normal(scale=0.3, size=p.shape)

    def heads(self, h):
        return F.relu(self.left(h))

    def tails(self, h):
        return F.tanh(self.right(h))

    def forward(self, x, coin):
        branch = self.heads if coin() else self.tails
        return self.head(branch(F.tanh(self.trunk(x))))


# %% solve_momentum
class Momentum:
    def __init__(self, lr, momentum=0.9):
        self.rate = lr
        self.mu = momentum

    def setup(self, link):
        self.link = link
        self.velocity = {id(p): np.zeros(p.shape, p.dtype) for p in link.params()}
        return self

    def update(self, lossfun=None, *args):
        if lossfun is not None:
            self.link.cleargrads()
            lossfun(*args).backward()
        for p in self.link.params():
            g = p.grad
            if g is not None:
                step = self.mu * self.velocity[id(p)] - self.rate * g
                self.velocity[id(p)] = step
                p.array[...] += step


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    losses = []
    for epoch in range(epochs):
        order = np.random.RandomState(epoch).permutation(len(X))
        batches = np.split(order, range(batch_size, len(X), batch_size))
        sums = []
        for batch in batches:
            scores = F.log_softmax(net(X[batch], coin))
            loss = -F.sum(F.select_item(scores, y[batch])) / len(batch)
            net.zerograds()
            loss.backward()
            optimizer.update()
            sums.append(loss.array * len(batch))
        losses.append(float(np.sum(sums) / len(X)))
    return losses


def fit(X, y, seed=0):
    net = BranchingNet(hidden=10, seed=seed)
    state = {"heads": bool(seed % 2)}

    def in_turn():
        state["heads"] = not state["heads"]
        return state["heads"]

    train(net, chainer.optimizers.Adam(0.02).setup(net), X, y, in_turn, 41, batch_size=7)
    train(net, chainer.optimizers.SGD(0.01).setup(net), X, y, in_turn, 5, batch_size=len(X))
    return net
