"""The model is left in evaluation mode.

Caught by:
    test_layer_report.py::test_model_is_left_alone
"""

# %% solve_layer_report
def layer_report(model, shape=(1, 28, 28)):
    """What the layers of a PyTorch model make of one input, in the order in which they run."""
    rows, counted = [], set()

    def note(layer, inputs, output):
        new = [p for p in layer.parameters() if p not in counted]
        counted.update(new)
        rows.append((type(layer).__name__, tuple(output.shape[1:]), sum(p.numel() for p in new)))

    modes = [(module, module.training) for module in model.modules()]
    hooks = [module.register_forward_hook(note) for module in model.modules() if not list(module.children())]
    try:
        model.eval()
        with torch.no_grad():
            model(torch.zeros(1, *shape))
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = False
    return rows
