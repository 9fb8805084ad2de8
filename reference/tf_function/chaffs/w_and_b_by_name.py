"""The step moves model.w and model.b, and knows no other variables.

Caught by:
    test_train_step.py::test_every_trainable_variable
"""

# %% solve_train_step
def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error."""
    signature = [
        tf.TensorSpec([None, model.features], tf.float32),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int64),
    ]

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        of_w, of_b = tape.gradient(loss, [model.w, model.b])
        model.w.assign_sub(rate * of_w)
        model.b.assign_sub(rate * of_b)
        return loss

    return train_step
