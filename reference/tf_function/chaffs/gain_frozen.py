"""The gain is a Python number, and stays in the graph as it was while tracing.

Caught by:
    test_amplifier.py::test_new_gain_is_used
    test_amplifier.py::test_no_new_trace
"""

# %% solve_amplifier
class Amplifier(tf.Module):
    """gain * x + noise."""

    def __init__(self, gain, noise):
        super().__init__()
        self.gain = gain
        self.noise = noise

    def set_gain(self, gain):
        self.gain = gain

    @tf.function
    def __call__(self, x):
        return self.gain * x + self.noise * tf.random.normal(tf.shape(x))
