"""The noise is made by a call back into Python: new each time, as long as this Python is there.

Caught by:
    test_amplifier.py::test_the_graph_makes_noise_by_itself
"""

# %% solve_amplifier
class Amplifier(tf.Module):
    """gain * x + noise."""

    def __init__(self, gain, noise):
        super().__init__()
        self.gain = tf.Variable(gain, dtype=tf.float32, trainable=False)
        self.noise = noise

    def set_gain(self, gain):
        self.gain.assign(gain)

    @tf.function
    def __call__(self, x):
        draw = lambda like: np.random.normal(scale=self.noise, size=like.shape).astype(np.float32)
        noise = tf.numpy_function(draw, [x], tf.float32)
        noise.set_shape(x.shape)
        return self.gain * x + noise
