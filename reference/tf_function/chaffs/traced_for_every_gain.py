"""The graph gets the gain as a Python number, so each gain is traced; what is called is no graph function.

Caught by:
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
    def amplify(self, x, gain):
        return gain * x + self.noise * tf.random.normal(tf.shape(x))

    def __call__(self, x):
        return self.amplify(x, self.gain)
