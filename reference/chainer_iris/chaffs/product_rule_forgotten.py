"""The slope with respect to x is that of the first factor only.

Caught by:
    test_swish.py::test_gradient_of_x
    test_swish.py::test_constants
"""


# %% solve_swish
class Swish(chainer.FunctionNode):
    def forward(self, inputs):
        x, beta = inputs
        self.retain_inputs((0, 1))
        return (x * (1 + np.tanh(beta * x / 2)) / 2,)

    def backward(self, target_input_indexes, grad_outputs):
        x, beta = self.get_retained_inputs()
        (g,) = grad_outputs
        steepness = F.broadcast_to(beta, x.shape)
        s = F.sigmoid(steepness * x)
        slope = s * (1 - s)
        return g * s, F.sum(g * x * x * slope, axis=0)


def swish(x, beta):
    return Swish().apply((x, beta))[0]
