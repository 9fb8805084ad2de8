"""The signature leaves the number of features open, so that the graph fails inside instead of refusing.

Caught by:
    test_train_step.py::test_refuses_other_features
"""

# %% solve_train_step
def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error."""
    signature = [
        tf.TensorSpec([None, None], tf.float32),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int64),
    ]

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(rate * gradient)
        return loss

    return train_step
