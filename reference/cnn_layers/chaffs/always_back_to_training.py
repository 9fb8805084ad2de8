"""Afterwards everything is put into training mode.

Caught by:
    test_evaluate.py::test_modes
"""

# %% solve_evaluate
def evaluate(model, batches):
    """How good a PyTorch model is: its loss and its accuracy, in evaluation mode."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    loss, right, count = 0.0, 0, 0
    try:
        with torch.no_grad():
            for x, y in batches:
                logits = model(x)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                right += (logits.argmax(dim=1) == y).sum().item()
                count += len(y)
    finally:
        model.train()
    return loss / count, right / count
