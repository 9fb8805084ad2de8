"""A step goes up the gradient.

Caught by:
    test_train_step.py::test_step_descends
    test_train_step.py::test_rate_falls
    test_train_step.py::test_every_trainable_variable
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

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_add(rate * gradient)
        return loss

    return train_step
