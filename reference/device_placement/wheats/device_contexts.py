"""Devices by context: `with x.device`, tf.device inside tf.function; copies into tensors made with device=."""


# %% solve_pick_device
def pick_device(prefer):
    number = {"cpu": 1, "meta": 1, "cuda": torch.cuda.device_count()}
    for wanted in map(torch.device, prefer):
        if (wanted.index or 0) < number.get(wanted.type, 0):
            return wanted if wanted.type in ("cpu", "meta") else torch.device("cuda", wanted.index or 0)
    raise RuntimeError(f"there is none of {prefer}")


# %% solve_to_device
def to_device(tree, device):
    match tree:
        case torch.Tensor():
            return torch.empty_like(tree, device=device).copy_(tree)
        case dict():
            return {key: to_device(part, device) for key, part in tree.items()}
        case list() | tuple():
            return tree.__class__(to_device(part, device) for part in tree)
        case _:
            return tree


# %% solve_standardize
class Standardize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean.detach().clone())
        self.register_buffer("std", std.detach().clone())

    def forward(self, x):
        out = torch.empty(x.shape[0], x.shape[1] + 1, dtype=x.dtype, device=x.device)
        with x.device:
            out[:, -1:] = torch.ones(x.shape[0], 1).to(x.dtype)
        out[:, :-1] = (x - self.mean) / self.std
        return out


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    with torch.device(device):
        x, y = (torch.empty_like(part, device=device).copy_(part) for part in batch)
        model.zero_grad()
        loss = ((model(x) - y) ** 2).sum() / y.numel()
        loss.backward()
    optimizer.step()
    with torch.no_grad():
        return loss + 0.0


# %% solve_split_forward
def split_forward(net, d0, d1):
    parts = [(net[: len(net) // 2], torch.device(d0)), (net[len(net) // 2 :], torch.device(d1))]
    for part, device in parts:
        part.to(device)

    def forward(x):
        for part, device in parts:
            if x.device != device:
                x = x.to(device)
            x = part(x)
        return x

    return forward


# %% solve_build_placed_graph
def build_placed_graph(weights):
    def place(op):
        if op.type in ("Conv2D", "MaxPool") or op.name.startswith("convolutional") or op.name == "h":
            return "/device:GPU:0"
        if op.type in ("MatMul", "BiasAdd", "Relu"):
            return "/device:GPU:1"
        return {"Softmax": "/device:CPU:0"}.get(op.type, "")

    with tf.Graph().as_default() as graph, graph.device(place):
        maps = tf1.placeholder(tf.float32, [None, 28, 28, 1], name="x")
        for kernels, biases, name in ((*weights[:2], "convolutional/relu"), (*weights[2:4], "h")):
            with tf.name_scope("convolutional/"):
                maps = tf.nn.bias_add(tf.nn.convolution(maps, kernels), biases)
                maps = tf.nn.max_pool(maps, ksize=[2, 2], strides=[2, 2], padding="VALID")
            maps = tf.nn.relu(maps, name=name)
        rows = tf.reshape(maps, tf.concat([tf.shape(maps)[:1], [4 * 4 * 20]], axis=0))  # a shape may be anywhere
        hidden = tf.nn.relu(tf.nn.bias_add(tf.matmul(rows, weights[4]), weights[5]))
        p = tf.nn.softmax(tf.nn.bias_add(tf.matmul(hidden, weights[6]), weights[7], name="y"), name="p")
        tf.math.argmax(p, axis=1, name="best")
    return graph


# %% solve_average_tower_gradients
@tf.function(reduce_retracing=True)
def _added(gradients):
    total = gradients[0]
    for gradient in gradients[1:]:
        total = total + gradient
    return total


def average_tower_gradients(towers, device):
    def mean(gradients):
        present = [gradient for gradient in gradients if gradient is not None]
        if not present:
            return None
        with tf.device(device):
            return tf.divide(_added(present), tf.constant(len(gradients), present[0].dtype))

    columns = zip(*[[gradient for gradient, _ in tower] for tower in towers])
    return [(mean(column), variable) for column, (_, variable) in zip(columns, towers[0])]


# %% solve_benchmark
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    seconds, first = [], True
    while len(seconds) < repeats:
        sync()
        seconds.append(-clock())
        fn()
        sync()
        seconds[-1] += clock()
        if first:
            seconds.pop()
            first = False
    return seconds
