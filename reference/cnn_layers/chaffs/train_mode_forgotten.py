"""The model is trained in whatever mode it is.

Caught by:
    test_train_epoch.py::test_training_mode
"""

# %% solve_train_epoch
def train_epoch(model, batches, optimizer):
    """Train a PyTorch model for one epoch: one step for each batch, on the batch's mean cross-entropy."""
    total, count = 0.0, 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
