"""Operators as compositions of a few, numpy's arrays come by __array_ufunc__, gradients are summed by np.add.at.

The order is sorted by the longest way to a leaf, recording is switched off by a decorator with a stack, and the network
asks another layer for as long as it is not sure.
"""

# %% solve_tensor
class Tensor:
    """A float64 array whose attributes are properties with plain setters."""

    __slots__ = ("_data", "_grad", "_parents", "requires_grad", "way_back", "__weakref__")

    def __init__(self, data, requires_grad=False):
        self._data = np.array(data, dtype=np.float64)
        self.requires_grad, self._parents, self._grad = requires_grad, (), None

    data = property(lambda self: self._data, lambda self, data: setattr(self, "_data", data))
    grad = property(lambda self: self._grad, lambda self, grad: setattr(self, "_grad", grad))
    parents = property(lambda self: self._parents, lambda self, parents: setattr(self, "_parents", parents))

    @property
    def shape(self):
        return self.data.shape

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        names = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "power": "pow"}
        name = {**names, "matmul": "matmul"}.get(ufunc.__name__)
        if name is None or method != "__call__":
            return NotImplemented
        left, right = (x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        return getattr(left, f"__{name}__")(right)


# %% solve_function
class Function:
    """One differentiable operation."""

    @classmethod
    def apply(cls, *inputs, **options):
        tensors = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        ctx = Context()
        out = Tensor(np.array(cls.forward(ctx, *(t.data.copy() for t in tensors), **options)))
        if GradMode.enabled and any(t.requires_grad for t in tensors):
            out.requires_grad, out.parents = True, tensors
            out.way_back = lambda g: cls.backward(ctx, g)
        return out


# %% solve_topological_order
def topological_order(root):
    waiting, height, tensors = [root], {}, {}
    while waiting:
        node = waiting[-1]
        tensors[id(node)] = node
        missing = [p for p in node.parents if id(p) not in height]
        if missing:
            waiting.extend(missing)
        else:
            height[id(node)] = 1 + max((height[id(p)] for p in node.parents), default=0)
            waiting.pop()
    listed = [node for node in tensors.values() if node.requires_grad or node is root]
    return sorted(listed, key=lambda node: height[id(node)])


# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise ValueError("a constant has no gradient")
    if grad is None and self.data.size != 1:
        raise ValueError("several numbers need a gradient")
    g = np.ones(self.shape) if grad is None else np.array(grad, dtype=float)
    if g.shape != self.shape:
        raise ValueError("another shape")
    order = topological_order(self)
    arrived = {id(self): g}
    for node in reversed(order):
        if not node.parents or id(node) not in arrived:
            continue
        if node.way_back is None:
            raise RuntimeError("this part of the graph has been freed")
        found = node.way_back(arrived[id(node)])
        for parent, d in zip(node.parents, found if isinstance(found, tuple) else (found,)):
            if d is not None and parent.requires_grad:
                arrived[id(parent)] = arrived.get(id(parent), 0) + np.array(d)
    for node in order:
        if node.parents:
            node.way_back = None
        elif id(node) in arrived:
            node.grad = arrived[id(node)] + (0 if node.grad is None else to_numpy(node.grad))


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad


# %% solve_unbroadcast
def unbroadcast(grad, shape):
    total = np.zeros(shape)
    places = np.broadcast_to(np.arange(total.size).reshape(shape), grad.shape)
    np.add.at(total.reshape(-1), places, grad)
    return total


# %% solve_arithmetic
def make(forward, *partials):
    """A Function of one or two inputs from its value and its derivatives."""

    def run(ctx, *xs):
        ctx.xs = xs
        return forward(*xs)

    def back(ctx, g):
        return tuple(unbroadcast(g * d(*ctx.xs), x.shape) for d, x in zip(partials, ctx.xs))

    return type("Made", (Function,), {"forward": staticmethod(run), "backward": staticmethod(back)})


Add = make(lambda a, b: a + b, lambda a, b: 1.0, lambda a, b: 1.0)
Mul = make(lambda a, b: a * b, lambda a, b: b, lambda a, b: a)
Pow = make(
    lambda a, b: a**b,
    lambda a, b: b * a ** (b - 1),
    lambda a, b: np.where(a > 0, a**b * np.log(np.where(a > 0, a, 1.0)), 0.0),
)


def install_operators():
    def tensor(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    table = {
        "add": lambda a, b: Add.apply(a, b),
        "mul": lambda a, b: Mul.apply(a, b),
        "pow": lambda a, b: Pow.apply(a, b),
        "sub": lambda a, b: tensor(a) + (-tensor(b)),
        "truediv": lambda a, b: tensor(a) * tensor(b) ** -1,
    }
    for name, f in table.items():
        setattr(Tensor, f"__{name}__", f)
        setattr(Tensor, f"__r{name}__", lambda self, other, f=f: f(tensor(other), self))
    Tensor.__neg__ = lambda self: self * -1


install_operators()


# %% solve_operations
class MatMul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return np.einsum("ij,jk->ik", a, b)

    @staticmethod
    def backward(ctx, g):
        return np.einsum("ik,jk->ij", g, ctx.b), np.einsum("ij,ik->jk", ctx.a, g)


class Sum(Function):
    @staticmethod
    def forward(ctx, x, axis, keepdims):
        ctx.shape, ctx.kept = x.shape, np.sum(x, axis=axis, keepdims=True).shape
        return np.sum(x, axis=axis, keepdims=keepdims)

    @staticmethod
    def backward(ctx, g):
        return g.reshape(ctx.kept) * np.ones(ctx.shape)


class Move(Function):
    @staticmethod
    def forward(ctx, x, move):
        ctx.places = move(np.arange(x.size).reshape(x.shape))
        ctx.shape = x.shape
        return move(x)

    @staticmethod
    def backward(ctx, g):
        back = np.empty(g.size)
        back[ctx.places.ravel()] = g.ravel()
        return back.reshape(ctx.shape)


def install_operations():
    Exp = make(np.exp, np.exp)
    Log = make(np.log, lambda x: 1 / x)
    Relu = make(lambda x: np.where(x >= 0, x, 0.0), lambda x: np.where(x >= 0, 1.0, 0.0))
    Tensor.__matmul__ = lambda self, other: MatMul.apply(self, other)
    Tensor.__rmatmul__ = lambda self, other: MatMul.apply(other, self)
    Tensor.sum = lambda self, axis=None, keepdims=False: Sum.apply(self, axis=axis, keepdims=keepdims)
    Tensor.reshape = lambda self, *shape: Move.apply(
        self, move=lambda x: x.reshape(*shape) if shape != ((),) else x.reshape(())
    )
    Tensor.transpose = lambda self, *axes: Move.apply(self, move=lambda x: np.transpose(x, axes or None))
    Tensor.T = property(lambda self: self.transpose())
    Tensor.exp = lambda self: Exp.apply(self)
    Tensor.log = lambda self: Log.apply(self)
    Tensor.relu = lambda self: Relu.apply(self)


install_operations()


# %% solve_no_grad
from contextlib import ContextDecorator


class no_grad(ContextDecorator):
    """Context manager and decorator, which may be used again."""

    def __init__(self):
        self.before = []

    def __enter__(self):
        self.before.append(GradMode.enabled)
        GradMode.enabled = False
        return self

    def __exit__(self, *exception):
        GradMode.enabled = self.before.pop()


def detach(self):
    return Tensor(self.data)


Tensor.detach = detach


# %% solve_train
class SGD:
    """Plain stochastic gradient descent, written into the data."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr = list(parameters), lr

    def step(self):
        for p in self.parameters:
            if p.grad is not None:
                p.data[...] -= self.lr * to_numpy(p.grad)

    def zero_grad(self):
        for p in self.parameters:
            p.zero_grad()


class BranchingNet:
    """Asks one more layer for as long as the largest probability is small, three at most."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.first = Linear(4, 10, rng)
        self.layers = [Linear(10, 10, rng) for _ in range(3)]
        self.heads = [Linear(10, 3, rng) for _ in range(4)]

    def parameters(self):
        return [p for layer in (self.first, *self.layers, *self.heads) for p in layer.parameters()]

    def __call__(self, x):
        h = self.first((x - [5.8, 3.1, 3.8, 1.2]) / [0.8, 0.4, 1.8, 0.8]).relu()
        logits, asked = self.heads[0](h), 0
        while asked < 3 and np.exp(logits.data - np.log(np.exp(logits.data).sum())).max() < 0.8:
            h = self.layers[asked](h).relu()
            asked += 1
            logits = logits + self.heads[asked](h)
        return logits


def train(net, X, y, epochs=6, lr=0.05):
    rng, losses = np.random.default_rng(), []
    for _ in range(epochs):
        optimizer, total = SGD(net.parameters(), lr), []
        for i in rng.permutation(len(y)):
            optimizer.zero_grad()
            loss = cross_entropy(net(Tensor([X[i]], requires_grad=True)), int(y[i]))
            total.append(float(loss.data))
            loss.backward()
            optimizer.step()
        losses.append(float(np.mean(total)))
    return losses
