"""The gain is a variable of the class, which all amplifiers share.

Caught by:
    test_amplifier.py::test_new_gain_is_used
"""

# %% solve_amplifier
class Amplifier(tf.Module):
    """gain * x + noise, where the gain can be changed and the noise is new at each call.

    Parameters
    ----------
    gain : float
    noise : float, the standard deviation of the noise; 0.0 means none
    """

    gain = tf.Variable(1.0, trainable=False)

    def __init__(self, gain, noise):
        super().__init__()
        self.gain.assign(gain)
        self.noise = noise

    def set_gain(self, gain):
        """From now on amplify by this float. Needs no new trace."""
        self.gain.assign(gain)

    @tf.function
    def __call__(self, x):
        """gain * x + noise * (a standard normal number for each element), float32 (n,) -> float32 (n,), for any n."""
        return self.gain * x + self.noise * tf.random.normal(tf.shape(x))
