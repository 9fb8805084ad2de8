"""forward takes 1 for every beta; backward is right.

Caught by:
    test_swish.py::test_values
    test_swish.py::test_single_precision
    test_swish.py::test_nothing_is_changed
"""


# %% solve_swish
class Swish(chainer.FunctionNode):
    def forward(self, inputs):
        x, beta = inputs
        self.retain_inputs((0, 1))
        return (x * (1 + np.tanh(x / 2)) / 2,)

    def backward(self, target_input_indexes, grad_outputs):
        x, beta = self.get_retained_inputs()
        (g,) = grad_outputs
        steepness = F.broadcast_to(beta, x.shape)
        s = F.sigmoid(steepness * x)
        slope = s * (1 - s)
        return g * (s + steepness * x * slope), F.sum(g * x * x * slope, axis=0)


def swish(x, beta):
    return Swish().apply((x, beta))[0]
