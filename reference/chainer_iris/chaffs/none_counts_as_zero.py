"""A parameter without a gradient rolls on, as with Chainer's own optimizers.

Caught by:
    test_momentum.py::test_no_gradient_rests
"""


# %% solve_momentum
class Momentum:
    def __init__(self, lr, momentum=0.9):
        self.lr, self.momentum = lr, momentum
        self.velocity = {}

    def setup(self, link):
        self.target, self.velocity = link, {}
        return self

    def update(self, lossfun=None, *args):
        if lossfun is not None:
            self.target.cleargrads()
            lossfun(*args).backward()
        for name, p in self.target.namedparams():
            g = np.zeros_like(p.array) if p.grad is None else p.grad
            self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) - self.lr * g
            p.array = p.array + self.velocity[name]
