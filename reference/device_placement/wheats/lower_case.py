"""Devices in lower case; explicit recursion for each container; nested blocks for everything."""


# %% solve_pick_device
def pick_device(prefer):
    def there(name):
        kind, _, number = str(torch.device(name)).partition(":")
        return kind != "cuda" or int(number or 0) < torch.cuda.device_count()

    for name in prefer:
        if there(name):
            return torch.device(name)
    raise RuntimeError("none of these devices is there")


# %% solve_to_device
def to_device(tree, device):
    if type(tree) is list:
        return [to_device(part, device) for part in tree]
    if type(tree) is tuple:
        return tuple(to_device(part, device) for part in tree)
    if type(tree) is dict:
        return dict(zip(tree, [to_device(part, device) for part in tree.values()]))
    if torch.is_tensor(tree):
        if torch.device(device).type == "cuda":
            return tree.cuda(torch.device(device).index)
        return tree if tree.device == torch.device(device) else tree.to(device=torch.device(device))
    return tree


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        for name, tensor in (("mean", mean), ("std", std)):
            self.register_buffer(name, tensor)

    def forward(self, x):
        standardized = (x - self.mean) / self.std
        return torch.hstack((standardized, x.new_ones((x.shape[0], 1))))


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    where = next(model.parameters()).device
    x, y = batch[0].to(where), batch[1].to(where)

    def closure():
        optimizer.zero_grad(set_to_none=False)
        error = nn.MSELoss()(model(x), y)
        error.backward()
        return error

    return optimizer.step(closure).detach().clone()


# %% solve_split_forward
def split_forward(net, d0, d1):
    cut = len(net) // 2
    for layer in list(net)[:cut]:
        layer.to(torch.device(d0))
    for layer in list(net)[cut:]:
        layer.to(torch.device(d1))
    return lambda x: net[cut:](net[:cut](x.to(d0, copy=True)).to(d1))


# %% solve_build_placed_graph
def build_placed_graph(weights):
    graph = tf.Graph()
    with graph.as_default(), tf.device("/gpu:1"):
        w1, b1, w2, b2, w3, b3, w4, b4 = map(tf.constant, weights)
        with tf.device(None):
            x = tf1.placeholder(tf.float32, (None, 28, 28, 1), name="x")
        with tf.device("/gpu:0"):
            maps = tf1.nn.conv2d(x, w1, strides=[1, 1, 1, 1], padding="VALID")
            maps = tf1.nn.relu(tf1.nn.max_pool(maps + b1, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"))
            maps = tf1.nn.conv2d(maps, w2, strides=[1, 1, 1, 1], padding="VALID")
            h = tf1.nn.relu(tf1.nn.max_pool(maps + b2, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), "h")
        hidden = tf1.nn.relu_layer(tf.reshape(h, (tf.shape(h)[0], 320)), w3, b3)
        y = tf1.nn.xw_plus_b(hidden, w4, b4, name="y")
        with tf.device("/cpu:0"):
            p = tf.exp(tf.nn.log_softmax(y), name="p")
        with tf.device(None):
            tf.argmax(p, -1, name="best")
    return graph


# %% solve_device_map
def device_map(graph):
    result = {}
    for node in graph.as_graph_def().node:
        device = tf.DeviceSpec.from_string(node.device)
        if device.device_type is None:
            key = ""
        elif device.device_index is None:
            key = device.device_type
        else:
            key = f"{device.device_type}:{device.device_index}"
        result[key] = result.get(key, []) + [node.name]
    return result


# %% solve_session_config
def session_config(soft, log):
    return tf1.ConfigProto(allow_soft_placement=soft, log_device_placement=log, intra_op_parallelism_threads=1)


def ran_on(graph, fetch, feed_dict, config):
    metadata = tf1.RunMetadata()
    with graph.as_default(), tf1.Session(config=config) as session:
        tensor = graph.get_tensor_by_name(fetch)
        trace = tf1.RunOptions(trace_level=tf1.RunOptions.SOFTWARE_TRACE)
        tensor_value = session.run(tensor, feed_dict=feed_dict, options=trace, run_metadata=metadata)
        assert tensor_value is not None
    where = {}
    for device in metadata.step_stats.dev_stats:
        for node in device.node_stats:
            try:
                op = graph.get_operation_by_name(node.node_name)
            except (KeyError, ValueError):
                continue
            if op.type not in ("Const", "Placeholder"):
                where[op.name] = tf.DeviceSpec.from_string(device.device).to_string()
    return where


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    @tf.function(autograph=False)
    def mean(gradients):
        return tf.math.accumulate_n(gradients) / float(len(towers))

    pairs = []
    for one in zip(*towers):
        present = [tf.identity(g) for g, _ in one if g is not None]
        with tf.device(device):
            pairs.append((tf.identity(mean(present)) if present else None, one[0][1]))
    return pairs


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    ticks = []
    for _ in range(repeats + 1):
        fn()
        sync()
        ticks.append(clock())
    return [float(b - a) for a, b in zip(ticks, ticks[1:])]
