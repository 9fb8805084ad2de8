"""tf.scan for the sums, and XLA where it goes: jit_compile=True in as_graph and in the training step. as_graph decorates
fn with functools.wraps before it makes a graph of it."""

# %% solve_as_graph
def as_graph(fn, **options):
    import functools

    @functools.wraps(fn)
    def decorated(*args, **kwargs):
        return fn(*args, **kwargs)

    return tf.function(decorated, **{"jit_compile": True, **options})


# %% solve_graph_cache
class GraphCache:
    """The graphs are tf.functions, of which each is used for one signature only."""

    def __init__(self, fn):
        self.fn, self.graphs = fn, {}

    def signature(self, *args, **kwargs):
        found = []
        for name, value in list(enumerate(args)) + sorted(kwargs.items()):
            number = type(value) in (bool, int, float)
            found.append((name, type(value), value) if number else (name, tf.TensorSpec.from_tensor(tf.constant(value))))
        return tuple(found)

    def __call__(self, *args, **kwargs):
        args = [value if type(value) in (bool, int, float) else tf.constant(value) for value in args]
        graph = self.graphs.setdefault(self.signature(*args, **kwargs), tf.function(self.fn))
        return graph(*args, **kwargs)


# %% solve_counter
class Counter(tf.Module):
    def __init__(self):
        super().__init__(name="counter")
        self.count = tf.Variable(tf.zeros([], tf.int64))
        self.total = tf.Variable(tf.zeros([]))

    @tf.function
    def __call__(self, x):
        count = self.count.assign(self.count + 1)
        total = self.total.assign(self.total + tf.reduce_sum(x))
        return total / tf.cast(count, tf.float32)

    @tf.function
    def restart(self):
        total = tf.identity(self.total)
        self.total.assign(tf.zeros_like(total))
        self.count.assign_sub(self.count)
        return total


# %% solve_running_sums
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    return tf.scan(lambda s, x: tf.maximum(s + x, 0.0), xs, initializer=0.0)


# %% solve_train_step
def make_train_step(model, learning_rate):
    signature = (
        tf.TensorSpec((None, model.features), tf.float32),
        tf.TensorSpec((None,), tf.float32),
        tf.TensorSpec((), tf.float32),
    )

    @tf.function(input_signature=signature, jit_compile=True)
    def train_step(x, y, step):
        with tf.GradientTape() as tape:
            error = model(x) - y
            loss = tf.tensordot(error, error, 1) / tf.cast(tf.size(error), tf.float32)
        gradients = tape.gradient(loss, model.trainable_variables, unconnected_gradients="zero")
        for i, variable in enumerate(model.trainable_variables):
            variable.assign(variable - learning_rate * gradients[i] / (step + 1.0))
        return loss

    return train_step


# %% solve_export
def export(module, directory):
    graph = tf.function(lambda x: {"y": module(x)})
    rows = tf.TensorSpec(shape=(None, module.features), dtype=tf.float32, name="x")
    tf.saved_model.save(module, directory, signatures=graph.get_concrete_function(rows))
    return directory
