"""Closures: each result carries a function that adds to its parents' gradients; operators do without Function classes."""

# %% solve_function
class Function:
    """One differentiable operation."""

    @classmethod
    def apply(cls, *inputs, **options):
        ctx = Context()
        inputs = [x if isinstance(x, Tensor) else Tensor(x) for x in inputs]
        data = cls.forward(ctx, *[x.data for x in inputs], **options)
        return record(data, inputs, lambda g: cls.backward(ctx, g))


def record(data, inputs, gradients):
    """Wrap data; if it is to be recorded, keep how a gradient is handed to the inputs."""
    out = Tensor(data)
    if not GradMode.enabled or not any(x.requires_grad for x in inputs):
        return out

    def hand_on(g, receive):
        ds = gradients(g)
        for x, d in zip(inputs, ds if isinstance(ds, tuple) else (ds,)):
            if d is not None and x.requires_grad:
                receive(x, d)

    out.requires_grad, out.parents, out.hand_on = True, tuple(inputs), hand_on
    return out


# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise RuntimeError("no gradient is required here")
    if grad is None and self.data.size == 1:
        grad = np.ones(self.shape)
    if np.shape(grad) != self.shape:
        raise RuntimeError("a gradient of the tensor's shape is needed")
    table = {}

    def receive(tensor, d):
        table[id(tensor)] = table.get(id(tensor), np.zeros(tensor.shape)) + d

    receive(self, grad)
    for node in topological_order(self)[::-1]:
        if id(node) in table:
            if node.parents:
                node.hand_on(table[id(node)], receive)
                node.grad = table[id(node)]  # of the last pass, for looking at
            else:
                node.grad = table[id(node)] + (0 if node.grad is None else node.grad)


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad


# %% solve_arithmetic
def binary(f, left, right):
    """An operator of two operands from its value and the two factors by which g is multiplied."""

    def operator(a, b):
        a, b = (x if isinstance(x, Tensor) else Tensor(x) for x in (a, b))
        out = f(a.data, b.data)
        x, y = a.data, b.data
        return record(
            out,
            [a, b],
            lambda g: (unbroadcast(g * left(x, y, out), a.shape), unbroadcast(g * right(x, y, out), b.shape)),
        )

    return operator


def install_operators():
    one = np.ones_like
    table = {
        "add": binary(lambda a, b: a + b, lambda a, b, y: one(y), lambda a, b, y: one(y)),
        "sub": binary(lambda a, b: a - b, lambda a, b, y: one(y), lambda a, b, y: -one(y)),
        "mul": binary(lambda a, b: a * b, lambda a, b, y: b, lambda a, b, y: a),
        "truediv": binary(lambda a, b: a / b, lambda a, b, y: 1 / b, lambda a, b, y: -y / b),
        "pow": binary(
            lambda a, b: a**b,
            lambda a, b, y: b * a ** (b - 1),
            lambda a, b, y: y * np.log(a, out=np.zeros_like(a), where=a > 0),
        ),
    }
    for name, f in table.items():
        setattr(Tensor, f"__{name}__", f)
        setattr(Tensor, f"__r{name}__", lambda self, other, f=f: f(other, self))
    Tensor.__neg__ = lambda self: 0.0 - self


install_operators()
