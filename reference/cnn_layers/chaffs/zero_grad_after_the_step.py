"""Gradients are forgotten after each step, so those from before the epoch count in the first.

Caught by:
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
        optimizer.zero_grad()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
