"""Gradients that are not there are left out of the list.

Caught by:
    test_gradients.py::test_without_a_path
"""

# %% solve_gradients
@register_gradient(Multiply)
def multiply_rule(node, g):
    """a * b, with broadcasting."""
    a, b = node.inputs
    return sum_like(g * b, a), sum_like(g * a, b)


@register_gradient(Divide)
def divide_rule(node, g):
    """a / b, with broadcasting."""
    a, b = node.inputs
    return sum_like(g / b, a), sum_like(-g * node / b, b)


@register_gradient(MatMul)
def matmul_rule(node, g):
    """a @ b; both operands have two axes."""
    a, b = node.inputs
    return MatMul(g, Transpose(b)), MatMul(Transpose(a), g)


def gradients(y, xs):
    """Extend the graph by the gradients of sum(y)."""
    behind = ancestors([y])
    order = [node for node in y.graph.operations if node in behind]
    grads = {y: OnesLike(y)}
    for node in reversed(order):
        if node not in grads or not node.inputs:
            continue
        for x, g in zip(node.inputs, gradient_rules[type(node)](node, grads[node]), strict=True):
            if g is not None:
                grads[x] = grads[x] + g if x in grads else g
    return [grads[x] for x in xs if x in grads]


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
        for v in var_list:
            for g in gradients(loss, [v]):
                steps.append(assign(v, v - self.learning_rate * g))
        return Group(*steps)


def train_regression(x, t, learning_rate=0.1, steps=100):
    """Linear regression: prediction = x @ w + b, loss = mean((prediction - t) ** 2), from w = 0 and b = 0."""
    graph = Graph()
    with graph.as_default():
        inputs, targets = placeholder((None, x.shape[1])), placeholder((None, 1))
        w, b = Variable(np.zeros((x.shape[1], 1))), Variable(0.0)
        error = matmul(inputs, w) + b - targets
        loss = reduce_mean(error * error)
        train = GradientDescentOptimizer(learning_rate).minimize(loss)
        init = global_variables_initializer()
    graph.finalize()
    feed = {inputs: x, targets: t[:, None]}
    with Session(graph) as session:
        session.run(init)
        losses = [float(session.run([loss, train], feed)[0]) for _ in range(steps)]
        return graph, session.run(w)[:, 0], session.run(b), losses
