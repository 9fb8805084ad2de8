"""Control flow by hand: tf.cond, tf.while_loop and tf.Graph instead of AutoGraph.

GraphCache is sprint 2 over again: graphs with placeholders, run by sessions.
"""

# %% solve_as_graph
def as_graph(fn, **options):
    @tf.function(**options)
    def graph(*args, **kwargs):
        return fn(*args, **kwargs)

    return graph


# %% solve_predict_traces
def predict_traces(calls):
    def spec(value):
        if type(value) in (int, float):
            return repr(value)
        return f"{tf.as_dtype(value.dtype).name} {list(value.shape)}"

    known = {}
    for args, kwargs in calls:
        named = {"y": 0, **dict(zip("xy", args)), **kwargs}
        key = spec(named["x"]) + " / " + spec(named["y"])
        known[key] = known.get(key, 0) + 1
    return len(known)


# %% solve_graph_cache
class GraphCache:
    def __init__(self, fn):
        self.fn = fn
        self.graphs = dict()

    def signature(self, *args, **kwargs):
        parts = [f"{key}={self.part(value)}" for key, value in [*enumerate(args), *sorted(kwargs.items())]]
        return ", ".join(parts)

    def part(self, value):
        if isinstance(value, (bool, int, float)):
            return repr(value)
        value = tf.convert_to_tensor(value)
        return f"{value.dtype.name}{value.shape}"

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        if key not in self.graphs:
            self.graphs[key] = self.record(args, kwargs)
        session, inputs, output = self.graphs[key]
        given = {**dict(enumerate(args)), **kwargs}
        return tf.constant(session.run(output, {place: np.asarray(given[name]) for name, place in inputs.items()}))

    def record(self, args, kwargs):
        inputs = {}

        def stand_in(name, value):
            if isinstance(value, (bool, int, float)):
                return value
            value = tf.convert_to_tensor(value)
            inputs[name] = tf.compat.v1.placeholder(value.dtype, value.shape)
            return inputs[name]

        specs = {name: value for name, value in [*enumerate(args), *kwargs.items()]}
        with tf.Graph().as_default() as graph:
            placed = {}
            for name, value in specs.items():
                if isinstance(value, (bool, int, float)):
                    placed[name] = value
                else:
                    dtype = tf.as_dtype(value.dtype)
                    placed[name] = inputs[name] = tf.compat.v1.placeholder(dtype, value.shape)
            output = self.fn(*[placed[i] for i in range(len(args))], **{name: placed[name] for name in kwargs})
        return tf.compat.v1.Session(graph=graph), inputs, output


# %% solve_lazy_dense
class LazyDense(tf.Module):
    def __init__(self, units):
        super().__init__()
        self.units, self.w, self.b = units, None, None

    def build(self, features):
        with tf.init_scope():
            self.w = tf.Variable(tf.random.normal([features, self.units]) / features**0.5)
            self.b = tf.Variable(tf.zeros(self.units))

    def __call__(self, x):
        if self.w is None:
            self.build(int(x.shape[1]))
        return tf.matmul(x, self.w) + self.b


# %% solve_collatz_steps
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)], autograph=False)
def collatz_steps(n):
    def step(n, steps):
        following = tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1)
        return following, steps + 1

    return tf.while_loop(lambda n, steps: n > 1, step, [n, tf.zeros([], tf.int64)])[1]


# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False)
def running_sums(xs):
    def step(t, s, sums):
        s = tf.nn.relu(s + xs[t])
        return t + 1, s, sums.write(t, s)

    start = tf.constant(0), tf.constant(0.0), tf.TensorArray(tf.float32, tf.shape(xs)[0])
    return tf.while_loop(lambda t, s, sums: t < tf.shape(xs)[0], step, start)[2].stack()
