"""The model ends in a softmax of its own, which Keras does not notice, and its loss is told that the outputs are logits.

Caught by:
    test_build_cnn.py::test_loss_fits
    test_build_cnn.py::test_gradients
"""

# %% solve_build_cnn
def build_cnn():
    """The same network in Keras, new each time, compiled."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(10, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(20, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(50, activation="relu"),
            keras.layers.Dense(10),
            keras.layers.Lambda(lambda z: tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True)),
        ]
    )
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
