"""The noise has the standard deviation 1, whatever was asked for.

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
        self.noisy = noise > 0

    def set_gain(self, gain):
        self.gain.assign(gain)

    @tf.function
    def __call__(self, x):
        y = self.gain * x
        if self.noisy:
            y += tf.random.normal(tf.shape(x))
        return y
