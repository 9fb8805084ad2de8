"""The graph gives gradients; the variables are changed by Python, called from the graph.

Caught by:
    test_train_step.py::test_the_graph_trains_by_itself
"""

# %% solve_train_step
def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error."""
    signature = [
        tf.TensorSpec([None, model.features], tf.float32),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int64),
    ]
    variables = model.trainable_variables

    def update(rate, *gradients):
        for variable, gradient in zip(variables, gradients):
            variable.assign_sub(rate * gradient)
        return rate

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        tf.py_function(update, [rate, *tape.gradient(loss, variables)], tf.float32)
        return loss

    return train_step
