"""The gradients are computed, and no step is taken.

Caught by:
    test_train_epoch.py::test_steps
    test_train_epoch.py::test_mean_over_samples
    test_train_epoch.py::test_stale_gradients
    test_fit.py::test_accuracy_on_new_digits
    test_fit.py::test_few_digits_are_learned_by_heart
    test_fit.py::test_seed_decides
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
        total += loss.item() * len(y)
        count += len(y)
    return total / count
