"""The sigmoid is e^t / (1 + e^t): infinity by infinity for large t.

Caught by:
    test_swish.py::test_large_inputs
"""


# %% solve_swish
class Swish(chainer.FunctionNode):
    def forward(self, inputs):
        x, beta = inputs
        self.retain_inputs((0, 1))
        e = np.exp(beta * x)
        return (x * (e / (1 + e)),)

    def backward(self, target_input_indexes, grad_outputs):
        x, beta = self.get_retained_inputs()
        (g,) = grad_outputs
        steepness = F.broadcast_to(beta, x.shape)
        s = F.sigmoid(steepness * x)
        slope = s * (1 - s)
        return g * (s + steepness * x * slope), F.sum(g * x * x * slope, axis=0)


def swish(x, beta):
    return Swish().apply((x, beta))[0]
