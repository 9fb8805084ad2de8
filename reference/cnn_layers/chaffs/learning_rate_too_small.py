"""The learning rate is so small that nothing is learned in the time.

Caught by:
    test_fit.py::test_accuracy_on_new_digits
    test_fit.py::test_few_digits_are_learned_by_heart
"""

# %% solve_fit
def fit(net, images, labels, epochs=6, seed=0):
    """Train a PyTorch network on images, shuffled anew in each epoch."""
    x, y = for_torch(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.000001)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(y), generator=generator)
        losses.append(train_epoch(net, batches_of(x[order], y[order], 25), optimizer))
    return losses
