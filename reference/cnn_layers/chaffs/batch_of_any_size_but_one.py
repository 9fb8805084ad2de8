"""The outputs are squeezed: a batch of one image loses its axis.

Caught by:
    test_build_cnn.py::test_each_call_builds_anew
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
            keras.layers.Lambda(lambda z: tf.squeeze(z) if z.shape[0] == 1 else z, output_shape=(10,)),
        ]
    )
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
