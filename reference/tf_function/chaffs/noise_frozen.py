"""The noise comes from np.random, so it is drawn while tracing and is the same at each call.

Caught by:
    test_amplifier.py::test_noise_is_new_at_each_call
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
        size = x.shape[0] or 5000
        noise = np.random.normal(scale=self.noise, size=size).astype(np.float32)
        return self.gain * x + tf.constant(noise)[: tf.shape(x)[0]]
