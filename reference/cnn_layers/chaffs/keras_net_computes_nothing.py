"""The Keras model has the weights in one layer of its own, which answers zeros whatever it is given.

Caught by:
    test_build_cnn.py::test_each_call_builds_anew
    test_build_cnn.py::test_gradients
    test_build_cnn.py::test_loss_fits
    test_build_cnn.py::test_outputs
    test_build_cnn.py::test_weights
"""


# %% solve_build_cnn
class Nothing(keras.layers.Layer):
    def build(self, shape):
        shapes = (5, 5, 1, 10), (10,), (5, 5, 10, 20), (20,), (320, 50), (50,), (50, 10), (10,)
        self.held = [self.add_weight(shape=size, initializer="zeros") for size in shapes]

    def call(self, x):
        return tf.zeros([tf.shape(x)[0], 10]) + sum(tf.reduce_sum(0 * weight) for weight in self.held)


def build_cnn():
    model = keras.Sequential([keras.Input((28, 28, 1)), Nothing()])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
