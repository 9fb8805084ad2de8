"""The arrays that setup has seen are moved, also when a parameter has another one by now.

Caught by:
    test_momentum.py::test_steps
"""
# %% solve_momentum
class Momentum:
    """Gradient descent with momentum, to be used like an optimizer of Chainer's."""

    def __init__(self, lr, momentum=0.9):
        self.lr = lr
        self.momentum = momentum

    def setup(self, link):
        self.link = link
        self.slots = [(parameter, parameter.array, np.zeros_like(parameter.array)) for parameter in link.params()]
        return self

    def update(self, lossfun=None, *args):
        if lossfun is not None:
            self.link.cleargrads()
            lossfun(*args).backward()
        for parameter, array, velocity in self.slots:
            if parameter.grad is None:
                continue
            velocity *= self.momentum
            velocity -= self.lr * parameter.grad
            array += velocity
