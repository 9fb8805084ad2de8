"""The images are never shuffled, and the seed is not used.

Caught by:
    test_fit.py::test_seed_decides
"""

# %% solve_fit
def fit(net, images, labels, epochs=6, seed=0):
    """Train a PyTorch network on images, shuffled anew in each epoch."""
    x, y = for_torch(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(epochs):
        order = torch.arange(len(y))
        losses.append(train_epoch(net, batches_of(x[order], y[order], 25), optimizer))
    return losses
