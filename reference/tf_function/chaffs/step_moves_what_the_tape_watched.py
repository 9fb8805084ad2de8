"""The step changes what the tape has watched, also a variable that is no part of the model.

Caught by:
    test_train_step.py::test_every_trainable_variable
"""
# %% solve_train_step
def make_train_step(model, learning_rate):
    signature = [
        tf.TensorSpec([None, model.features], tf.float32),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int64),
    ]

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        variables = tape.watched_variables()
        gradients = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(variables, gradients):
            variable.assign_sub(rate * gradient)
        return loss

    return train_step
