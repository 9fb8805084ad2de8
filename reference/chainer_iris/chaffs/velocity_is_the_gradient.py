"""The first velocity is the gradient's own array, changed in place.

Caught by:
    test_momentum.py::test_gradients_are_not_changed
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
            if p.grad is not None:
                if name not in self.velocity:
                    self.velocity[name] = p.grad
                    self.velocity[name] *= -self.lr
                else:
                    self.velocity[name] *= self.momentum
                    self.velocity[name] -= self.lr * p.grad
                p.array = p.array + self.velocity[name]
