"""All train steps take the learning rate of the one that was made last.

Caught by:
    test_train_step.py::test_rate_falls
"""

# %% solve_train_step
RATE = {}


def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error.

    Parameters
    ----------
    model : a tf.Module with `features` (int) and `trainable_variables`, called with float32 (n, features), gives
        float32 (n,). Its variables exist. Not only a Regression.
    learning_rate : float

    Returns
    -------
    train_step(x, y, step), a tf.function with an input signature for these parameters, by position or by keyword:
        x : float32 (n, features), any n; y : float32 (n,)
        step : the number of the step from 0 on, a Python int or a NumPy integer; which integer or float dtype it has in
            the graph is your choice
        It changes each trainable variable by - learning_rate / (1 + step) * gradient of the loss, and returns the
        loss before the change, a float32 scalar: the mean of (prediction - y) ** 2.

    One graph serves all batch sizes and all steps. Rows with another number of features are refused with TypeError or
    ValueError, by the signature.
    """
    RATE["now"] = learning_rate
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
        rate = RATE["now"] / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            if gradient is not None:  # the loss does not depend on this variable
                variable.assign_sub(rate * gradient)
        return loss

    return train_step
