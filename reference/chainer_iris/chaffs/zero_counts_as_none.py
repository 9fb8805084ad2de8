"""A parameter whose gradient is zero rests.

Caught by:
    test_momentum.py::test_zero_gradient_rolls_on
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
            if p.grad is not None and np.any(p.grad):
                self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) - self.lr * p.grad
                p.array = p.array + self.velocity[name]
