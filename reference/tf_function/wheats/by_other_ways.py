"""Other ways: arguments are bound to fn's parameters, sums double their reach, an export is copied into its folder.

The training step is a method of a module, traced beforehand, without a tape.
"""

# %% solve_as_graph
def as_graph(fn, **options):
    def graph(*args, **kwargs):
        return fn(*args, **kwargs)

    return tf.function(graph, **options)


# %% solve_predict_traces
def predict_traces(calls):
    import itertools

    def text(value):
        return f"{value!r}" if isinstance(value, (int, float)) else f"{tf.as_dtype(value.dtype).name}{list(value.shape)}"

    def key(x, y=0):
        return text(x), text(y)

    return sum(1 for _ in itertools.groupby(sorted(key(*args, **kwargs) for args, kwargs in calls)))


# %% solve_graph_cache
import collections
import inspect


class Recorded:
    """A graph, and what of a call goes into it."""

    def __init__(self, fn, arguments, names):
        def body(*tensors):
            return fn(**{**arguments, **dict(zip(names, tensors))})

        specs = [tf.TensorSpec(np.shape(arguments[name]), arguments[name].dtype) for name in names]
        self.names, self.graph = names, tf.function(body).get_concrete_function(*specs)

    def __call__(self, arguments):
        return self.graph(*(tf.convert_to_tensor(arguments[name]) for name in self.names))


class GraphCache:
    """f(x), f(x=x) and a default that is written out have one signature."""

    def __init__(self, fn):
        self.fn, self.parameters, self.graphs = fn, inspect.signature(fn), collections.OrderedDict()

    def bound(self, args, kwargs):
        bound = self.parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.arguments

    def signature(self, *args, **kwargs):
        def part(value):
            if isinstance(value, (bool, int, float)):
                return f"{type(value).__name__}:{value!r}"
            return f"{tf.as_dtype(value.dtype).name}{list(value.shape)}"

        return ";".join(f"{name}={part(value)}" for name, value in self.bound(args, kwargs).items())

    def __call__(self, *args, **kwargs):
        key, arguments = self.signature(*args, **kwargs), self.bound(args, kwargs)
        if key not in self.graphs:
            names = [name for name, value in arguments.items() if not isinstance(value, (bool, int, float))]
            self.graphs[key] = Recorded(self.fn, arguments, names)
        return self.graphs[key](arguments)


# %% solve_counter
class Counter(tf.Module):
    def __init__(self):
        super().__init__()
        self.count = tf.Variable(np.int64(0))
        self.total = tf.Variable(0.0)

    @tf.function
    def __call__(self, x):
        self.count.assign_add(1)
        for number in tf.reshape(x, [-1]):
            self.total.assign_add(number)
        return tf.math.divide_no_nan(self.total, tf.cast(self.count, tf.float32))

    @tf.function
    def restart(self):
        old = self.total + 0.0
        for variable in (self.count, self.total):
            variable.assign(tf.zeros_like(variable))
        return old


# %% solve_lazy_dense
class LazyDense(tf.Module):
    """w and b are looked up in a list."""

    def __init__(self, units):
        super().__init__()
        self.units, self.made = units, []

    w = property(lambda self: self.made[0] if self.made else None)
    b = property(lambda self: self.made[1] if self.made else None)

    def __call__(self, x):
        if not self.made:
            bound = (3 / x.shape[1]) ** 0.5
            with tf.init_scope():
                self.made.append(tf.Variable(tf.random.uniform([x.shape[1], self.units], -bound, bound), name="kernel"))
                self.made.append(tf.Variable(tf.zeros(self.units), name="bias"))
        return tf.einsum("nf,fu->nu", x, self.w) + self.b


# %% solve_amplifier
class Amplifier(tf.Module):
    """Normal numbers after Box and Muller. Without noise none is drawn."""

    def __init__(self, gain, noise):
        super().__init__()
        self.gain, self.noise = tf.Variable(gain, dtype=tf.float32), noise

    def set_gain(self, gain):
        self.gain.assign(gain)

    @tf.function
    def __call__(self, x):
        if self.noise == 0.0:
            return self.gain * x
        radius = tf.sqrt(-2.0 * tf.math.log(1.0 - tf.random.uniform(tf.shape(x))))
        return self.gain * x + self.noise * radius * tf.cos(2.0 * np.pi * tf.random.uniform(tf.shape(x)))


# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    state = tf.stack([n, 0])
    while state[0] > 1:
        n, steps = state[0], state[1]
        if n % 2 == 0:
            state = tf.stack([n // 2, steps + 1])
        else:
            state = tf.stack([n + n // 2 + 1, steps + 2])  # 3 * n + 1 is even
    return state[1]


# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Each number is a step s -> max(s + a, b). Steps are joined, so that each spans twice as many as before."""
    a, b, shift = xs, tf.zeros_like(xs), 1
    while shift < tf.size(xs):
        a1, b1 = tf.pad(a[:-shift], [[shift, 0]]), tf.pad(b[:-shift], [[shift, 0]])
        a, b = a1 + a, tf.maximum(b1 + a, b)
        shift *= 2
    return tf.maximum(a, b)


# %% solve_train_step
def make_train_step(model, learning_rate):
    rows = tf.TensorSpec([None, model.features], tf.float32)

    class Training(tf.Module):
        @tf.function(input_signature=[rows, tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.float64)])
        def step(self, x, y, step):
            variables = model.trainable_variables
            loss = tf.reduce_mean(tf.square(y - model(x)))
            gradients = tf.gradients(loss, variables)
            rate = tf.cast(learning_rate / (1.0 + step), tf.float32)
            for variable, gradient in zip(variables, gradients):
                if gradient is not None:
                    variable.assign(variable - gradient * rate)
            return loss

    training = Training()
    training.step.get_concrete_function()
    return training.step


# %% solve_export
def export(module, directory):
    """Saved beside the folder first, in a module that holds the variables, and with a second signature."""
    import shutil
    import tempfile

    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32, name="x")])
    def serve(x):
        return {"y": tf.identity(tf.reshape(module(x), [-1]), name="y")}

    holder = tf.Module()
    holder.inner, holder.kept = module, module.variables
    holder.half = tf.function(lambda x: 0.5 * serve(x)["y"])
    with tempfile.TemporaryDirectory(dir=".") as folder:
        half = holder.half.get_concrete_function(tf.TensorSpec([None, module.features], tf.float32))
        tf.saved_model.save(holder, folder, signatures={"serving_default": serve, "half": half})
        shutil.copytree(folder, directory, dirs_exist_ok=True)
    return directory
