"""The noise is drawn in the graph, but from a seed that never changes.

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
        return self.gain * x + self.noise * tf.random.stateless_normal(tf.shape(x), seed=[1, 2])
