"""Layers send their input on by hooks, a graph is imported from another, nested data goes by type, runs are callables."""


# %% solve_pick_device
def pick_device(prefer):
    def there(device):
        try:
            return torch.empty(0, device=device).numel() == 0
        except (AssertionError, RuntimeError):
            return False

    found = next((device for device in map(torch.device, prefer) if there(device)), None)
    if found is None:
        raise NotImplementedError(f"there is none of {', '.join(prefer)}")
    return torch.device("cuda", found.index or 0) if found.type == "cuda" else found


# %% solve_to_device
from functools import singledispatch


@singledispatch
def to_device(tree, device):
    return tree


@to_device.register
def _(tree: torch.Tensor, device):
    return torch.as_tensor(tree, device=device)


@to_device.register
def _(tree: dict, device):
    return {key: to_device(part, device) for key, part in tree.items()}


@to_device.register(list)
@to_device.register(tuple)
def _(tree, device):
    parts = (to_device(part, device) for part in tree)
    return tree._make(parts) if hasattr(tree, "_make") else type(tree)(parts)


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.register_buffer("one", torch.ones_like(mean[:1]).reshape(1, 1), persistent=False)

    def forward(self, x):
        return torch.cat([(x - self.mean) / self.std, self.one.expand(len(x), 1)], 1)


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = batch
    predictions = model(x.to(device))
    y = y.to(predictions.device)
    loss = (predictions - y).square().sum() / y.numel()
    model.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.data


# %% solve_split_forward
def split_forward(net, d0, d1):
    def sends_to(device):
        return lambda layer, given: tuple(x.to(device) for x in given)

    for number, layer in enumerate(net):
        layer.to(d0 if number < len(net) // 2 else d1)

    def forward(x):
        for number, layer in enumerate(net):
            hook = layer.register_forward_pre_hook(sends_to(d0 if number < len(net) // 2 else d1))
            x = layer(x)
            hook.remove()
        return x

    return forward


# %% solve_build_placed_graph
def build_placed_graph(weights):
    with tf.Graph().as_default() as scratch:
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        with tf.device("/device:GPU:0"):
            maps = tf.nn.bias_add(tf.raw_ops.Conv2D(input=x, filter=weights[0], strides=[1] * 4, padding="VALID"), weights[1])
            maps = tf.maximum(tf.nn.max_pool2d(maps, 2, 2, "VALID"), 0.0)
            maps = tf.nn.bias_add(tf.nn.convolution(maps, weights[2], padding="VALID"), weights[3])
            h = tf.maximum(tf.nn.max_pool2d(maps, 2, 2, "VALID"), 0.0, name="h")
        rows = tf.reshape(h, tf.stack([tf.shape(h)[0], 320]))
        with tf.device("/device:GPU:1"):
            hidden = tf.nn.relu(tf.matmul(rows, weights[4]) + weights[5])
            y = tf.add(tf.matmul(hidden, weights[6]), weights[7], name="y")
        with tf.device("/device:CPU:0"):
            tf.nn.softmax(y, name="p")
        tf.cast(tf.math.top_k(y, 1).indices[:, 0], tf.int64, name="best")
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(scratch.as_graph_def(), name="")
    graph.finalize()
    return graph


# %% solve_device_map
from collections import OrderedDict


def device_map(graph):
    found = {"": []}
    for node in graph.as_graph_def().node:
        spec = tf.DeviceSpec.from_string(node.device)
        number = "" if spec.device_index is None else f":{spec.device_index}"
        found.setdefault((spec.device_type or "") + number, []).append(node.name)
    return OrderedDict(sorted(found.items()))


# %% solve_session_config
def session_config(soft, log):
    config = tf1.ConfigProto()
    config.allow_soft_placement |= soft
    config.log_device_placement |= log
    config.inter_op_parallelism_threads = 1
    return config


def ran_on(graph, fetch, feed_dict, config):
    own = tf1.ConfigProto()
    own.CopyFrom(config)
    metadata = tf1.RunMetadata()
    with tf1.Session(graph=graph, config=own) as session:
        run = session.make_callable(graph.get_tensor_by_name(fetch), list(feed_dict), accept_options=True)
        options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        run(*feed_dict.values(), options=options, run_metadata=metadata)
    ran = {}
    for device in metadata.step_stats.dev_stats:
        spec = tf.DeviceSpec.from_string(device.device)
        name = f"/device:{spec.device_type}:{spec.device_index}"
        ran |= {node.node_name: name for node in device.node_stats}
    fed = {name.partition(":")[0] for name in feed_dict}
    return {
        op.name: ran[op.name]
        for op in graph.get_operations()
        if op.name in ran and op.type != "Const" and op.name not in fed
    }


# %% solve_average_tower_gradients
from collections import namedtuple

Pair = namedtuple("Pair", "mean variable")


def average_tower_gradients(towers, device):
    pairs = []
    for column in zip(*towers):
        with tf.device(device):
            present = [tf.identity(gradient) for gradient, _ in column if gradient is not None]
            pairs.append(Pair(sum(present) / len(towers) if present else None, column[0][1]))
    return pairs


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    sync()
    marks = []
    for _ in range(repeats + 1):
        sync()
        fn()
        sync()
        sync()
        marks.append(clock())
    return [after - before for before, after in zip(marks[:-1], marks[1:])]
