"""The result is kept for the model and the batches.

Caught by:
    test_evaluate.py::test_loss
"""

# %% solve_evaluate
kept = {}


def evaluate(model, batches):
    batches = list(batches)
    key = id(model), len(batches)
    if key in kept and kept[key][0] is model:
        return kept[key][1]
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
        for module, mode in modes:
            module.training = mode
    kept[key] = model, (loss / count, right / count)
    return kept[key][1]
