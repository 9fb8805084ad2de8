"""Gradients that nothing reaches are nodes of zeros; one node updates all variables; the walk counts what is still to come; a port without a tape."""

# %% solve_gradients
@register_gradient(Multiply)
def multiply_rule(node, g):
    return SumLike(Multiply(g, node.inputs[1]), node.inputs[0]), SumLike(Multiply(g, node.inputs[0]), node.inputs[1])


@register_gradient(Divide)
def divide_rule(node, g):
    a, b = node.inputs
    share = g / b
    return sum_like(share, a), sum_like(0.0 - share * a / b, b)


@register_gradient(MatMul)
def matmul_rule(node, g):
    a, b = node.inputs
    return matmul(g, Transpose(b)), Transpose(matmul(Transpose(g), a))


class ZerosLike(Operation):
    def compute(self, session, x):
        return np.zeros_like(x)


def gradients(y, xs):
    """A node's turn comes when all of its users have had theirs."""
    users, rest, seen = {}, [y], {y}
    while rest:
        node = rest.pop()
        for x in node.inputs:
            users[x] = users.get(x, 0) + 1
            if x not in seen:
                seen.add(x)
                rest.append(x)
    arrived, ready = {y: [OnesLike(y)]}, [y]
    total = {}
    while ready:
        node = ready.pop()
        parts = arrived.get(node, [])
        if parts:
            total[node] = parts[0]
            for part in parts[1:]:
                total[node] = total[node] + part
        passed = gradient_rules[type(node)](node, total[node]) if parts and node.inputs else (None,) * len(node.inputs)
        for x, g in zip(node.inputs, passed):
            if g is not None:
                arrived.setdefault(x, []).append(g)
            users[x] -= 1
            if users[x] == 0:
                ready.append(x)
    return [total[x] if x in total else ZerosLike(x) for x in xs]


# %% solve_minimize
class GradientDescentOptimizer:
    def __init__(self, learning_rate):
        self.rate = learning_rate

    def minimize(self, loss, var_list=None):
        every = [node for node in loss.graph.operations if isinstance(node, Variable)]
        variables = every if var_list is None else var_list

        class Step(Operation):
            """All gradients are its inputs, so all are there before it writes."""

            def compute(self, session, rate, *values):
                for v, old, g in zip(variables, values[::2], values[1::2]):
                    session.variables[v] = old - rate * g
                return rate

        pairs = zip(variables, gradients(loss, variables))
        rate = self.rate
        with loss.graph.as_default():
            rate = rate if isinstance(rate, Operation) else constant(rate)
        return Step(rate, *[node for pair in pairs for node in pair])


def train_regression(x, t, learning_rate=0.1, steps=100):
    """The loss and the step in separate runs; weights and bias in one variable."""
    with Graph().as_default() as graph:
        data, targets = placeholder(), placeholder()
        weights = Variable(np.zeros((x.shape[1] + 1, 1)))
        error = matmul(data, weights) - targets
        loss = reduce_sum(error * error / float(len(x)))
        step = GradientDescentOptimizer(learning_rate).minimize(loss)
        graph.finalize()
    session = Session(graph)
    session.run(weights.initializer)
    feed = {data: np.column_stack([x, np.ones(len(x))]), targets: np.reshape(t, (-1, 1))}
    losses = []
    for _ in range(steps):
        losses.append(session.run(loss, feed))
        session.run(step, feed)
    final = session.run(weights)
    session.close()
    return graph, final[:-1, 0], final[-1, 0], losses


# %% solve_port
class SoftmaxRegression(tf.Module):
    """Variables of any shape, in a list."""

    def __init__(self, w0, b0):
        super().__init__()
        self.both = [tf.Variable(np.float32(start), shape=tf.TensorShape(None)) for start in (w0, b0)]

    @property
    def w(self):
        return self.both[0]

    @property
    def b(self):
        return self.both[1]

    def __call__(self, x):
        return tf.matmul(tf.cast(x, tf.float32), self.w) + self.b


def train_v2(model, batches, learning_rate):
    """The gradient by its formula."""
    history = []
    for x, label in batches:
        logits = model(x)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=logits)
        error = (tf.nn.softmax(logits) - tf.one_hot(label, logits.shape[1])) / len(x)
        model.w.assign_sub(learning_rate * tf.matmul(tf.cast(x, tf.float32), error, transpose_a=True))
        model.b.assign_sub(learning_rate * tf.reduce_sum(error, axis=0))
        history.append(float(tf.reduce_mean(losses)))
    return history
