"""relu lets positive gradients through instead of positive inputs.

Caught by:
    test_operations.py::test_gradients_of_relu
    test_train.py::test_accuracy_on_new_flowers
"""

# %% solve_operations
# No input may be changed. These classes are a proposal too: only the methods of Tensor are tested.


class MatMul(Function):
    """(n, k) @ (k, m) -> (n, m); both operands have two axes."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return a @ b

    @staticmethod
    def backward(ctx, g):
        return g @ ctx.b.T, ctx.a.T @ g


class Sum(Function):
    """Sum over `axis`: None (all), an int (may be negative) or a tuple of int."""

    @staticmethod
    def forward(ctx, x, axis=None, keepdims=False):
        ctx.shape, ctx.axis, ctx.keepdims = x.shape, axis, keepdims
        return x.sum(axis=axis, keepdims=keepdims)

    @staticmethod
    def backward(ctx, g):
        if ctx.axis is not None and not ctx.keepdims:
            g = np.expand_dims(g, ctx.axis)
        return np.broadcast_to(g, ctx.shape)


class Reshape(Function):
    """The same elements in another shape, in row-major order; one length may be -1."""

    @staticmethod
    def forward(ctx, x, shape):
        ctx.shape = x.shape
        return x.reshape(shape)

    @staticmethod
    def backward(ctx, g):
        return g.reshape(ctx.shape)


class Transpose(Function):
    """Axes permuted as by np.transpose; `axes` is a tuple of int (not negative), None reverses all axes."""

    @staticmethod
    def forward(ctx, x, axes=None):
        ctx.axes = axes
        return np.transpose(x, axes)

    @staticmethod
    def backward(ctx, g):
        return np.transpose(g, None if ctx.axes is None else np.argsort(ctx.axes))


class Exp(Function):
    """e ** x, element by element."""

    @staticmethod
    def forward(ctx, x):
        ctx.y = np.exp(x)
        return ctx.y

    @staticmethod
    def backward(ctx, g):
        return g * ctx.y


class Log(Function):
    """The natural logarithm, element by element; x > 0."""

    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return np.log(x)

    @staticmethod
    def backward(ctx, g):
        return g / ctx.x


class Relu(Function):
    """max(x, 0), element by element. At x = 0 any slope from 0 to 1 is accepted."""

    @staticmethod
    def forward(ctx, x):
        ctx.positive = x > 0
        return np.where(ctx.positive, x, 0.0)

    @staticmethod
    def backward(ctx, g):
        return g * (g > 0)


def install_operations():
    """Give Tensor these methods, each returning a Tensor."""
    def reshape(self, *shape):
        return Reshape.apply(self, shape=shape[0] if isinstance(shape[0], tuple) else shape)

    Tensor.__matmul__ = lambda self, other: MatMul.apply(self, other)
    Tensor.__rmatmul__ = lambda self, other: MatMul.apply(other, self)
    Tensor.sum = lambda self, axis=None, keepdims=False: Sum.apply(self, axis=axis, keepdims=keepdims)
    Tensor.reshape = reshape
    Tensor.transpose = lambda self, *axes: Transpose.apply(self, axes=axes or None)
    Tensor.T = property(lambda self: self.transpose())
    Tensor.exp = lambda self: Exp.apply(self)
    Tensor.log = lambda self: Log.apply(self)
    Tensor.relu = lambda self: Relu.apply(self)


install_operations()
