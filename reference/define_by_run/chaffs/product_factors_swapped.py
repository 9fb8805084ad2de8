"""In a product each factor gets its own value as its slope.

Caught by:
    test_arithmetic.py::test_reflected_gradients
    test_arithmetic.py::test_gradients_of_products
    test_arithmetic.py::test_column_with_row
    test_arithmetic.py::test_with_a_single_number
    test_no_grad.py::test_detach_cuts_the_history
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_step_descends
    test_train.py::test_train_takes_plain_steps
    test_train.py::test_accuracy_on_new_flowers
"""

# %% solve_arithmetic
# Operands broadcast as in numpy; each gradient has the shape of its operand. No operand may be changed. These classes
# are a proposal: only the operators are tested, so write them in another way if you like.


class Add(Function):
    """a + b"""

    @staticmethod
    def forward(ctx, a, b):
        ctx.shapes = a.shape, b.shape
        return a + b

    @staticmethod
    def backward(ctx, g):
        return unbroadcast(g, ctx.shapes[0]), unbroadcast(g, ctx.shapes[1])


class Sub(Function):
    """a - b"""

    @staticmethod
    def forward(ctx, a, b):
        ctx.shapes = a.shape, b.shape
        return a - b

    @staticmethod
    def backward(ctx, g):
        return unbroadcast(g, ctx.shapes[0]), unbroadcast(-g, ctx.shapes[1])


class Mul(Function):
    """a * b"""

    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return a * b

    @staticmethod
    def backward(ctx, g):
        return unbroadcast(g * ctx.a, ctx.a.shape), unbroadcast(g * ctx.b, ctx.b.shape)


class Div(Function):
    """a / b"""

    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return a / b

    @staticmethod
    def backward(ctx, g):
        return unbroadcast(g / ctx.b, ctx.a.shape), unbroadcast(-g * ctx.a / ctx.b**2, ctx.b.shape)


class Pow(Function):
    """a ** b. The gradient with respect to b is only asked for where a > 0."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return a**b

    @staticmethod
    def backward(ctx, g):
        a, b = ctx.a, ctx.b
        log_a = np.log(np.where(a > 0, a, 1.0))
        return unbroadcast(g * b * a ** (b - 1), a.shape), unbroadcast(g * a**b * log_a, b.shape)


class Neg(Function):
    """-a"""

    @staticmethod
    def forward(ctx, a):
        return -a

    @staticmethod
    def backward(ctx, g):
        return -g


def install_operators():
    """Give Tensor the operators + - * / ** and unary -."""
    Tensor.__add__ = lambda self, other: Add.apply(self, other)
    Tensor.__radd__ = lambda self, other: Add.apply(other, self)
    Tensor.__sub__ = lambda self, other: Sub.apply(self, other)
    Tensor.__rsub__ = lambda self, other: Sub.apply(other, self)
    Tensor.__mul__ = lambda self, other: Mul.apply(self, other)
    Tensor.__rmul__ = lambda self, other: Mul.apply(other, self)
    Tensor.__truediv__ = lambda self, other: Div.apply(self, other)
    Tensor.__rtruediv__ = lambda self, other: Div.apply(other, self)
    Tensor.__pow__ = lambda self, other: Pow.apply(self, other)
    Tensor.__rpow__ = lambda self, other: Pow.apply(other, self)
    Tensor.__neg__ = lambda self: Neg.apply(self)


install_operators()
