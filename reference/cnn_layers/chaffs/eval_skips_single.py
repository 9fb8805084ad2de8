"""A batch of one sample is left out.

Caught by:
    test_evaluate.py::test_loss
    test_evaluate.py::test_accuracy
    test_evaluate.py::test_modes
"""

# %% solve_evaluate
def evaluate(model, batches):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    loss, right, count = 0.0, 0, 0
    try:
        with torch.no_grad():
            for x, y in batches:
                if len(y) < 2:
                    continue
                logits = model(x)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                right += (logits.argmax(dim=1) == y).sum().item()
                count += len(y)
    finally:
        for module, mode in modes:
            module.training = mode
    return loss / count, right / count
