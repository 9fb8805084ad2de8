"""No loop for the sums: a cumulative sum, less the lowest that it has been. Collatz without a branch, by arithmetic.

The weights of LazyDense begin with random signs, each times the standard deviation.
"""

# %% solve_lazy_dense
class LazyDense(tf.Module):
    def __init__(self, units):
        super().__init__()
        self.units, self.w, self.b = units, None, None

    def __call__(self, x):
        if self.w is None:
            features = x.shape[-1]
            signs = 2.0 * tf.cast(tf.random.uniform([features, self.units]) < 0.5, tf.float32) - 1.0
            self.w = tf.Variable(signs * features**-0.5)
            self.b = tf.Variable(tf.zeros([self.units]))
        return tf.matmul(x, self.w) + self.b


# %% solve_amplifier
class Amplifier(tf.Module):
    """With a random generator, whose state is a variable."""

    def __init__(self, gain, noise):
        super().__init__()
        self.settings = tf.Variable([gain, noise], dtype=tf.float32)
        self.random = tf.random.Generator.from_non_deterministic_state()

    def set_gain(self, gain):
        self.settings[0].assign(gain)

    @tf.function(reduce_retracing=True)
    def __call__(self, x):
        return self.settings[0] * x + self.settings[1] * self.random.normal(tf.shape(x))


# %% solve_collatz_steps
ONE = tf.constant(1, tf.int64)


def collatz_steps(n):
    steps = ONE - ONE
    while n > ONE:
        odd = n % 2
        n = odd * (3 * n + 1) + (1 - odd) * (n // 2)
        steps = steps + ONE
    return steps


collatz_steps = tf.function(collatz_steps, input_signature=[tf.TensorSpec(shape=(), dtype=tf.int64)])


# %% solve_running_sums
def running_sums(xs):
    sums = tf.cumsum(xs)
    so_far = tf.linalg.band_part(tf.ones([tf.size(xs), tf.size(xs)]), -1, 0) > 0
    lowest = tf.reduce_min(tf.where(so_far, sums, np.inf), axis=1)
    return sums - tf.minimum(lowest, 0.0)


running_sums = tf.function(running_sums, input_signature=[tf.TensorSpec([None], tf.float32)])


# %% solve_train_step
def make_train_step(model, learning_rate):
    """The gradient is taken inside one function, the update done by another."""
    variables = model.trainable_variables

    def loss_and_gradients(x, y):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            loss = tf.reduce_mean(tf.math.squared_difference(model(x), y))
        return loss, tape.gradient(loss, variables)

    def train_step(x, y, step):
        loss, gradients = loss_and_gradients(x, y)
        factor = learning_rate / (1 + tf.cast(step, tf.float32))
        used = [pair for pair in zip(variables, gradients) if pair[1] is not None]
        tf.nest.map_structure(lambda variable, gradient: variable.assign_sub(factor * gradient), *map(list, zip(*used)))
        return tf.identity(loss)

    specs = [([None, model.features], tf.float32), ([None], tf.float32), ([], tf.int32)]
    return tf.function(train_step, input_signature=[tf.TensorSpec(shape, dtype) for shape, dtype in specs])


# %% solve_export
def export(module, directory):
    """The module is put into another one, with one signature more than is needed."""

    class Served(tf.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        @tf.function
        def serve(self, x):
            return {"y": self.inner(x)}

    served = Served()
    graph = served.serve.get_concrete_function(x=tf.TensorSpec([None, module.features], tf.float32))
    tf.saved_model.save(served, str(directory), signatures={"serving_default": graph, "again": graph})
