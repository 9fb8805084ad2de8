"""A step goes up the gradient.

Caught by:
    test_momentum.py::test_steps
    test_momentum.py::test_no_gradient_rests
    test_momentum.py::test_zero_gradient_rolls_on
    test_momentum.py::test_loss_function
    test_momentum.py::test_velocities_are_separate
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
                self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) + self.lr * p.grad
                p.array = p.array + self.velocity[name]
