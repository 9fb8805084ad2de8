"""Parts of Keras: its optimizer takes the training step, its initializer draws the weights. Graphs come from wrap_function."""

# %% solve_as_graph
def as_graph(fn, **options):
    return tf.function(**options)(lambda *args, **kwargs: fn(*args, **kwargs))


# %% solve_predict_traces
def predict_traces(calls):
    import inspect

    parameters = inspect.signature(lambda x, y=0: None)
    seen = set()
    for args, kwargs in calls:
        bound = parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        seen.add(tuple(v if isinstance(v, (int, float)) else tf.TensorSpec(v.shape, v.dtype) for v in bound.args))
    return len(seen)


# %% solve_graph_cache
class GraphCache:
    """Graphs are made by wrap_function, of everything that is no Python number."""

    def __init__(self, fn):
        self.fn = fn
        self.graphs = {}

    @staticmethod
    def flatten(args, kwargs):
        return [*enumerate(args), *sorted(kwargs.items())]

    def signature(self, *args, **kwargs):
        return frozenset(
            (name, type(v).__name__, v) if type(v) in (bool, int, float) else (name, *map(str, (np.asarray(v).dtype, np.shape(v))))
            for name, v in self.flatten(args, kwargs)
        )

    def __call__(self, *args, **kwargs):
        key = self.signature(*args, **kwargs)
        named = self.flatten(args, kwargs)
        numbers = {name: v for name, v in named if type(v) in (bool, int, float)}
        tensors = {name: tf.convert_to_tensor(v) for name, v in named if name not in numbers}

        def body(*inputs):
            every = {**numbers, **dict(zip(tensors, inputs))}
            return self.fn(*[every[i] for i in range(len(args))], **{name: every[name] for name in kwargs})

        try:
            graph = self.graphs[key]
        except KeyError:
            specs = [tf.TensorSpec(t.shape, t.dtype) for t in tensors.values()]
            graph = self.graphs[key] = tf.compat.v1.wrap_function(body, specs)
        return graph(*tensors.values())


# %% solve_lazy_dense
class LazyDense(tf.Module):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.w = self.b = None

    @tf.Module.with_name_scope
    def __call__(self, x):
        if self.b is None:
            n = x.shape[-1]
            initial = tf.keras.initializers.RandomNormal(stddev=1 / np.sqrt(n))
            self.w = tf.Variable(lambda: initial((n, self.units)), name="w")
            self.b = tf.Variable(lambda: tf.zeros((self.units,)), name="b")
        return tf.nn.bias_add(tf.matmul(x, self.w), self.b)


# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    sums = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    s, t = 0.0, 0
    for x in xs:
        s += x
        if s < 0:
            s = 0.0
        sums = sums.write(t, s)
        t += 1
    return sums.stack()


# %% solve_train_step
def make_train_step(model, learning_rate):
    optimizer = tf.keras.optimizers.SGD(learning_rate)
    optimizer.build(model.trainable_variables)
    mse = tf.keras.losses.MeanSquaredError()

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, model.features], tf.float32),
            tf.TensorSpec([None], tf.float32),
            tf.TensorSpec([], tf.int64),
        ]
    )
    def train_step(x, y, step):
        with tf.GradientTape() as tape:
            loss = mse(y, model(x))
        optimizer.learning_rate.assign(learning_rate / tf.cast(1 + step, tf.float32))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    return train_step
