"""Trees with a stack, one module for each half, means one tower after another, config by merging."""


# %% solve_to_device
def to_device(tree, device):
    def walk(part):
        if isinstance(part, torch.Tensor):
            return part.to(device, non_blocking=True)
        if isinstance(part, (list, tuple)):
            return part.__class__(map(walk, part))
        return dict(map(lambda item: (item[0], walk(item[1])), part.items())) if isinstance(part, dict) else part

    return walk(tree)


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = [part.to(device, non_blocking=True) for part in batch]
    loss = torch.mean(torch.square(model(x) - y))
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


# %% solve_split_forward
def split_forward(net, d0, d1):
    class Moved(nn.Module):
        def __init__(self, device):
            super().__init__()
            self.device = device

        def forward(self, x):
            return x.to(self.device)

    layers, cut = list(net.children()), len(net) // 2
    first, second = ([layer.to(d) for layer in part] for part, d in ((layers[:cut], d0), (layers[cut:], d1)))
    return nn.Sequential(Moved(d0), *first, Moved(d1), *second)


# %% solve_session_config
def session_config(soft, log):
    config = tf1.ConfigProto()
    config.MergeFrom(tf1.ConfigProto(log_device_placement=log))
    config.allow_soft_placement = soft
    return config


def ran_on(graph, fetch, feed_dict, config):
    metadata = tf1.RunMetadata()
    session = tf1.InteractiveSession(graph=graph, config=config)
    try:
        op = graph.get_tensor_by_name(fetch).op
        options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        session.run([fetch, op], feed_dict, options=options, run_metadata=metadata)
    finally:
        session.close()
    mine = graph.as_graph_def().node
    mine = {node.name for node in mine}
    ran = {}
    for stats in metadata.step_stats.dev_stats:
        ran.update((node.node_name, stats.device) for node in stats.node_stats if node.node_name in mine)
    return ran


# %% solve_average_tower_gradients
def average_tower_gradients(towers, device):
    totals = [None] * len(towers[0])
    with tf.device(device):
        for tower in towers:
            for place, (gradient, _) in enumerate(tower):
                if gradient is not None:
                    share = gradient / len(towers)
                    totals[place] = share if totals[place] is None else totals[place] + share
    return [(total, variable) for total, (_, variable) in zip(totals, towers[0])]
