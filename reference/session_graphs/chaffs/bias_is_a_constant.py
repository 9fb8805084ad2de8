"""The ported bias is a plain tensor, which no step changes.

Caught by:
    test_port.py::test_losses
    test_port.py::test_weights
    test_port.py::test_variables_stay_the_same
"""

# %% solve_port
class SoftmaxRegression(tf.Module):
    """The model of train_v1."""

    def __init__(self, w0, b0):
        super().__init__()
        self.w = tf.Variable(w0, dtype=tf.float32)
        self.b = tf.constant(b0, dtype=tf.float32)

    def __call__(self, x):
        """array or tensor (n, d) -> logits, float32 tensor (n, k)."""
        return tf.matmul(tf.cast(x, tf.float32), self.w) + self.b


def train_v2(model, batches, learning_rate):
    """The loop of train_v1 in TF2, eager or with tf.function as you like: no tf.compat.v1, no session."""
    history = []
    for x, label in batches:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=model(x))
            loss = tf.reduce_mean(losses)
        variables = model.trainable_variables
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(learning_rate * g)
        history.append(float(loss))
    return history
