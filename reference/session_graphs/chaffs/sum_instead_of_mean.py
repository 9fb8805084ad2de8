"""The loss of train_regression is the sum of the squares, not their mean.

Caught by:
    test_minimize.py::test_regression
"""

# %% solve_minimize
class GradientDescentOptimizer:
    """Plain gradient descent."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def minimize(self, loss, var_list=None):
        """A node; each run of it takes one step, v becomes v - learning_rate * gradient, for all variables at once."""
        if var_list is None:
            var_list = [node for node in loss.graph.operations if isinstance(node, Variable)]
        steps = []
        for v, g in zip(var_list, gradients(loss, var_list), strict=True):
            if g is not None:
                steps.append(assign(v, v - self.learning_rate * g))
        return Group(*steps)


def train_regression(x, t, learning_rate=0.1, steps=100):
    """Linear regression: prediction = x @ w + b, loss = mean((prediction - t) ** 2), from w = 0 and b = 0."""
    graph = Graph()
    with graph.as_default():
        inputs, targets = placeholder((None, x.shape[1])), placeholder((None, 1))
        w, b = Variable(np.zeros((x.shape[1], 1))), Variable(0.0)
        error = matmul(inputs, w) + b - targets
        loss = reduce_sum(error * error)
        train = GradientDescentOptimizer(learning_rate).minimize(loss)
        init = global_variables_initializer()
    graph.finalize()
    feed = {inputs: x, targets: t[:, None]}
    with Session(graph) as session:
        session.run(init)
        losses = [float(session.run([loss, train], feed)[0]) for _ in range(steps)]
        return graph, session.run(w)[:, 0], session.run(b), losses
