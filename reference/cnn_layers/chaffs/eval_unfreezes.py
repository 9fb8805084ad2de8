"""requires_grad is switched off, and afterwards on for all parameters, frozen ones too.

Caught by:
    test_evaluate.py::test_no_graph
"""

# %% solve_evaluate
def evaluate(model, batches):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    for p in model.parameters():
        p.requires_grad_(False)
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
        for p in model.parameters():
            p.requires_grad_(True)
    return loss / count, right / count
