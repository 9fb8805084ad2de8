"""Each step writes the loss to a file beside the notebook: the graph is refused.

Caught by:
    test_models.py::test_regression_prediction
    test_models.py::test_regression_loss
    test_models.py::test_regression_step
"""

# %% solve_models
def build_regression(features):
    """A linear regression as a TF1 graph: prediction = x w + b."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None, features), name="x")
        t = tf1.placeholder(tf.float32, (None,), name="t")
        learning_rate = tf1.placeholder(tf.float32, (), name="learning_rate")
        w = tf1.get_variable("w", (features,), initializer=tf1.zeros_initializer())
        b = tf1.get_variable("b", (), initializer=tf1.zeros_initializer())
        prediction = tf.add(tf.linalg.matvec(x, w), b, name="prediction")
        loss = tf.reduce_mean(tf.square(prediction - t), name="loss")
        step = tf1.train.GradientDescentOptimizer(learning_rate).minimize(loss)
        written = tf.io.write_file("loss.txt", tf.strings.as_string(loss))
        tf.group(step, written, name="train")
        tf1.global_variables_initializer()
    return graph


def build_classifier():
    """A classifier for iris flowers as a TF1 graph. Layers, optimizer and learning rate are your choice."""
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None, 4), name="x")
        label = tf1.placeholder(tf.int64, (None,), name="label")
        w = tf1.get_variable("w", (4, 3), initializer=tf1.zeros_initializer())
        b = tf1.get_variable("b", (3,), initializer=tf1.zeros_initializer())
        logits = tf.add(tf.matmul(x - [5.8, 3.1, 3.8, 1.2], w), b, name="logits")
        tf.argmax(logits, axis=1, name="prediction")
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=logits)
        loss = tf.reduce_mean(loss, name="loss")
        tf1.train.GradientDescentOptimizer(0.2).minimize(loss, name="train")
        tf1.global_variables_initializer()
    return graph


def fit(graph, feed, steps):
    """Train a graph in a session of its own: run `init` once, then `train`, `steps` times, always with the same feed."""
    with tf1.Session(graph=graph) as session:
        session.run("init")
        losses = [float(session.run(["loss:0", "train"], feed)[0]) for _ in range(steps)]
        return losses, session.run("prediction:0", feed)
