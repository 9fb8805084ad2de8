"""TensorFlow another way: old variables, a hidden layer with Adam, tf.cond, a loop with a flag, fit by objects, tf.function and Keras."""

# %% solve_models
def build_regression(features):
    """Reference variables, weights and bias in one column, an update written by hand."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder("float32", [None, features], "x")
        t = tf1.placeholder("float32", [None], "t")
        rate = tf1.placeholder("float32", [], "learning_rate")
        column = tf1.Variable(np.linspace(-1, 1, features + 1).reshape(-1, 1), dtype="float32", use_resource=False)
        with_one = tf.concat([x, tf.ones([tf.shape(x)[0], 1])], axis=1)
        prediction = tf.reshape(with_one @ column, [-1], name="prediction")
        loss = tf1.losses.mean_squared_error(t, prediction)
        tf.identity(loss, "loss")
        (gradient,) = tf1.gradients(loss, [column])
        tf1.assign_sub(column, rate * gradient, name="update")
        with tf1.control_dependencies([graph.get_operation_by_name("update")]):
            tf.no_op("train")
        tf1.variables_initializer([column], name="init")
    return graph


def build_classifier():
    """Two layers and Adam; the loss by one-hot labels and log_softmax."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        label = tf1.placeholder(tf.int64, [None], name="label")
        h = x
        for layer, (n, m) in enumerate([(4, 8), (8, 3)]):
            with tf1.variable_scope(f"layer{layer}"):
                w = tf1.get_variable("w", initializer=tf.random.normal([n, m], stddev=n**-0.5, seed=layer))
                h = (tf.nn.relu(h) if layer else h) @ w + tf1.get_variable("b", [m], initializer=tf1.zeros_initializer())
        logits = tf.identity(h, "logits")
        tf.cast(tf.math.top_k(logits).indices[:, 0], tf.int64, "prediction")
        loss = -tf.reduce_mean(tf.reduce_sum(tf.one_hot(label, 3) * tf.nn.log_softmax(logits), axis=1))
        loss = tf.identity(loss, "loss")
        tf1.train.AdamOptimizer(0.03).minimize(loss, name="train")
        tf1.global_variables_initializer()
    return graph


def fit(graph, feed, steps):
    """Objects instead of names, run and eval mixed, close in finally."""
    tensor, operation = graph.get_tensor_by_name, graph.get_operation_by_name
    session = tf1.InteractiveSession(graph=graph)
    try:
        operation("init").run()
        losses = []
        for _ in range(steps):
            losses.append(tensor("loss:0").eval(feed))
            operation("train").run(feed)
        return losses, tensor("prediction:0").eval(feed_dict=feed)
    finally:
        session.close()


# %% solve_control
def build_clip():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None], name="x")
        limit = tf1.placeholder(tf.float32, [], name="limit")
        squares = tf.reduce_sum(x * x)
        clipped = tf.cond(squares <= limit**2, lambda: tf.identity(x), lambda: limit * tf.math.l2_normalize(x))
        tf.identity(clipped, name="y")
    return graph


def build_root():
    """A loop that carries a flag and stops when two values in a row agree."""
    with tf.Graph().as_default() as graph:
        a = tf1.placeholder(tf.float32, [], name="a")

        def body(y, steps, done):
            new = 0.5 * (y + a / y)
            return new, steps + 1, tf.abs(new - y) < 1e-3 * new

        start = (a, tf.constant(0), tf.constant(False))
        y, steps, _ = tf.while_loop(lambda y, steps, done: tf.logical_not(done), body, start, maximum_iterations=100)
        tf.identity(y, "root")
        tf.identity(steps, "steps")
    return graph


# %% solve_port
class SoftmaxRegression(tf.Module):
    def __init__(self, w0, b0):
        super().__init__(name="softmax_regression")
        self.w = tf.Variable(np.float32(w0), name="w")
        self.b = tf.Variable(np.float32(b0), name="b")

    def __call__(self, x):
        return tf.linalg.matmul(np.float32(x) if isinstance(x, np.ndarray) else x, self.w) + self.b


def train_v2(model, batches, learning_rate):
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.SGD(learning_rate)
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(x, label):
        with tf.GradientTape() as tape:
            loss = loss_of(label, model(x))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    return [float(step(tf.constant(x, tf.float32), tf.constant(label))) for x, label in batches]
