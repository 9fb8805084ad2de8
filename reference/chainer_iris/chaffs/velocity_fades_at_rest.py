"""While a parameter rests its velocity fades.

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
            if p.grad is None:
                self.velocity[name] = self.momentum * self.velocity.get(name, 0.0)
            else:
                self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) - self.lr * p.grad
                p.array = p.array + self.velocity[name]
