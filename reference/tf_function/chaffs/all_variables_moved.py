"""The step moves every variable, those that are not trainable as well.

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
            tape.watch(model.variables)
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(model.variables, tape.gradient(loss, model.variables)):
            variable.assign_sub(rate * gradient)
        return loss

    return train_step
