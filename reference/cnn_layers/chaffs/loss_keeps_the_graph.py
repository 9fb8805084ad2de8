"""The losses are added up as tensors, with their graphs, and a tensor comes back.

Caught by:
    test_train_epoch.py::test_mean_over_samples
"""

# %% solve_train_epoch
def train_epoch(model, batches, optimizer):
    """Train a PyTorch model for one epoch: one step for each batch, on the batch's mean cross-entropy."""
    model.train()
    total, count = 0.0, 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss * len(y)
        count += len(y)
    return total / count
