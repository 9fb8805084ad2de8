"""The demo's student with two tasks wrong: kernels with height and width swapped, and an evaluation in training mode.

Caught by:
    test_transfer_weights.py::test_the_frameworks_agree
    test_transfer_weights.py::test_kernels
    test_evaluate.py::test_loss
    test_evaluate.py::test_accuracy
    test_evaluate.py::test_modes
    test_evaluate.py::test_no_graph
"""

# %% solve_transfer_weights
def transfer_weights(torch_net, keras_model):
    """Copy the parameters of a PyTorch network into a Keras model, so that both compute the same."""
    weights = []
    for parameter in torch_net.parameters():
        values = parameter.detach().numpy()
        if values.ndim == 4:  # out, in, height, width -> height, width, in, out
            values = values.T
        elif values.shape == (50, 320):  # its 320 inputs come as 20 x 4 x 4, Keras' as 4 x 4 x 20
            values = values.reshape(50, 20, 4, 4).transpose(2, 3, 1, 0).reshape(320, 50)
        elif values.ndim == 2:
            values = values.T
        weights.append(values)
    keras_model.set_weights(weights)

# %% solve_evaluate
def evaluate(model, batches):
    """How good a PyTorch model is: its loss and its accuracy, in evaluation mode."""
    modes = [(module, module.training) for module in model.modules()]
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
    return loss / count, right / count
