"""The modes of the network and its direct children are kept and brought back, not those of parts deeper inside.

Caught by:
    test_evaluate.py::test_modes
"""

# %% solve_evaluate
def evaluate(model, batches):
    modes = [(module, module.training) for module in [model, *model.children()]]
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
            module.train(mode)
    return loss / count, right / count
