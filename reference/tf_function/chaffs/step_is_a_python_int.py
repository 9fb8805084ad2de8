"""There is no signature, and the number of the step is a Python int: every step is traced.

Caught by:
    test_train_step.py::test_one_graph
    test_train_step.py::test_forms_of_a_call
    test_train_step.py::test_every_trainable_variable
    test_train_step.py::test_the_graph_trains_by_itself
"""

# %% solve_train_step
def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error."""

    @tf.function
    def train_step(x, y, step):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(learning_rate / (1 + step) * gradient)
        return loss

    return train_step
