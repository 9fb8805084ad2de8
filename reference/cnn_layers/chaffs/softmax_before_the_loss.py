"""A softmax before the cross-entropy, which takes logits.

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
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x).softmax(dim=1), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
