"""The model is built once, and every call gives the same one.

Caught by:
    test_build_cnn.py::test_each_call_builds_anew
"""

# %% solve_build_cnn
import functools


@functools.cache
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
        ]
    )
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
