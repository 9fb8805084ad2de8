"""Old gradients are never forgotten.

Caught by:
    test_train_epoch.py::test_steps
    test_train_epoch.py::test_mean_over_samples
    test_train_epoch.py::test_stale_gradients
"""

# %% solve_train_epoch
def train_epoch(model, batches, optimizer):
    """Train a PyTorch model for one epoch: one step for each batch, on the batch's mean cross-entropy."""
    model.train()
    total, count = 0.0, 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count

# %% solve_fit
def fit(net, images, labels, epochs=6, seed=0):
    """Train a PyTorch network on images, by a loop of its own, so that the mistake above costs nothing here."""
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for part in np.array_split(rng.permutation(len(labels)), max(1, len(labels) // 25)):
            loss = F.cross_entropy(net(for_torch(images[part])), torch.from_numpy(labels[part]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        losses.append(total / len(labels))
    return losses
