"""Flowers are drawn with replacement: in an epoch some come twice, others not at all.

Caught by:
    test_train.py::test_plain_steps
    test_train.py::test_mean_over_flowers
    test_train.py::test_every_flower_once
"""


# %% solve_train
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    rng = np.random.RandomState(0)
    losses = []
    for _ in range(epochs):
        total = 0.0
        order = rng.randint(len(X), size=len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            net.cleargrads()
            loss = F.softmax_cross_entropy(net(X[batch], coin), y[batch])
            loss.backward()
            optimizer.update()
            total += float(loss.array) * len(batch)
        losses.append(total / len(X))
    return losses


def fit(X, y, seed=0):
    net = BranchingNet(seed=seed)
    optimizer = chainer.optimizers.Adam(alpha=0.01).setup(net)
    rng = np.random.RandomState(seed)
    train(net, optimizer, X, y, coin=lambda: rng.rand() < 0.5, epochs=60)
    return net
