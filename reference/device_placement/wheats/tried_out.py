"""Devices are tried out; nested data goes through PyTorch's own tree map; nn.Buffer; full names of devices.

Where what ran was placed is read from the partitioned graphs, and the clock is read in another order.
"""


# %% solve_pick_device
def pick_device(prefer):
    for name in prefer:
        device = torch.device(name)
        try:
            return torch.empty(0, device=device).device
        except (AssertionError, RuntimeError):  # PyTorch without CUDA raises the first, with CUDA and no GPU the second
            pass
    raise ValueError("there is none of them")


# %% solve_to_device
from torch.utils import _pytree


def to_device(tree, device):
    def is_leaf(part):
        return not isinstance(part, (list, tuple, dict))  # or else a deque would be gone into

    return _pytree.tree_map_only(torch.Tensor, lambda tensor: tensor.to(device, copy=True), tree, is_leaf)


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = nn.Buffer(mean.clone())
        self.std = nn.Buffer(std.clone())

    def forward(self, x):
        return nn.functional.pad((x - self.mean).div(self.std), (0, 1), value=1.0)


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = map(torch.Tensor.to, batch, (device, device))
    with torch.device(device):
        errors = model(x) - y
        loss = errors.square().mean()
    for parameter, gradient in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
        parameter.grad = gradient
    optimizer.step()
    return loss.data


# %% solve_split_forward
class Split(nn.Module):
    def __init__(self, net, d0, d1):
        super().__init__()
        for number, layer in enumerate(net):
            layer.to(d0 if number < len(net) // 2 else d1)
        self.net, self.d0, self.d1 = net, d0, d1

    def forward(self, x):
        for number, layer in enumerate(self.net):
            x = layer(x.to(self.d0 if number < len(self.net) // 2 else self.d1))
        return x.to(self.d1)


split_forward = Split


# %% solve_build_placed_graph
def build_placed_graph(weights):
    def convolved(x, kernels, biases):
        patches = tf.image.extract_patches(x, [1, 5, 5, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")
        return tf.einsum("nhwk,ko->nhwo", patches, tf.reshape(kernels, (-1, kernels.shape[-1]))) + biases

    def largest(maps, name=None):
        _, height, width, channels = maps.shape
        return tf.reduce_max(tf.reshape(maps, (-1, height // 2, 2, width // 2, 2, channels)), axis=(2, 4), name=name)

    here = "/job:localhost/replica:0/task:0/device:"
    graph = tf.Graph()
    with graph.as_default():
        with graph.device(here + "CPU:0"):
            w1, b1, w2, b2, w3, b3, w4, b4 = [tf.constant(array) for array in weights]
            with tf.device(None):
                x = tf1.placeholder(shape=(None, 28, 28, 1), dtype="float32", name="x")
            with graph.device(here + "GPU:0"):
                maps = tf.maximum(convolved(x, w1, b1), 0.0)
                h = largest(tf.maximum(convolved(largest(maps), w2, b2), 0.0), name="h")
            with graph.device(here + "GPU:1"):
                hidden = tf.maximum(tf.einsum("nhwc,hwco->no", h, tf.reshape(w3, (4, 4, 20, 50))) + b3, 0.0)
                y = tf.identity(hidden @ w4 + b4, name="y")
            shifted = tf.exp(y - tf.reduce_max(y, axis=1, keepdims=True))
            p = tf.divide(shifted, tf.reduce_sum(shifted, axis=1, keepdims=True), name="p")
        tf1.argmax(p, 1, name="best")
    return graph


# %% solve_device_map
import re


def device_map(graph):
    found = {}
    for op in graph.get_operations():
        named = re.search(r"/(?!TASK|REPLICA)(?:DEVICE:)?([A-Z_]+):(\d+|\*)$", op.device.upper())
        key = "" if named is None else named[1] if named[2] == "*" else ":".join(named.groups())
        found[key] = [op.name, *found.get(key, [])]
    return found


# %% solve_session_config
def session_config(soft, log):
    config = tf1.ConfigProto()
    config.allow_soft_placement = bool(soft)
    config.log_device_placement = bool(log)
    config.gpu_options.allow_growth = True
    return config


def ran_on(graph, fetch, feed_dict, config):
    record = tf1.RunMetadata()
    session = tf1.Session(config=config, graph=graph)
    options = tf1.RunOptions(trace_level=tf1.RunOptions.SOFTWARE_TRACE, output_partition_graphs=True)
    try:
        session.run(fetch, feed_dict, options, record)
    finally:
        session.close()
    placed = {node.name: node.device for part in record.partition_graphs for node in part.node}
    ran = {node.node_name for stats in record.step_stats.dev_stats for node in stats.node_stats}
    return {op.name: placed[op.name] for op in graph.get_operations() if op.name in ran and op.name in placed}


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    variables = [variable for _, variable in towers[0]]
    result = []
    for place, variable in enumerate(variables):
        gradients = [tower[place][0] for tower in towers]
        known = next((gradient for gradient in gradients if gradient is not None), None)
        if known is None:
            result.append((None, variable))
            continue
        with tf.device(device):
            filled = [tf.zeros_like(known) if gradient is None else gradient for gradient in gradients]
            result.append((tf.reduce_mean(tf.stack(filled), axis=0), variable))
    return result


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    def seconds():
        sync()
        before = clock()
        fn()
        sync()
        return clock() - before

    return [seconds() for _ in range(repeats + 1)][1:]
