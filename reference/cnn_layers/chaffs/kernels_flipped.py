"""The kernels are turned round, as in a mathematician's convolution.

Caught by:
    test_transfer_weights.py::test_the_frameworks_agree
    test_transfer_weights.py::test_kernels
"""

# %% solve_transfer_weights
def transfer_weights(torch_net, keras_model):
    """Copy the parameters of a PyTorch network into a Keras model, so that both compute the same."""
    weights = []
    for parameter in torch_net.parameters():
        values = parameter.detach().numpy()
        if values.ndim == 4:  # out, in, height, width -> height, width, in, out
            values = values[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
        elif values.shape == (50, 320):  # its 320 inputs come as 20 x 4 x 4, Keras' as 4 x 4 x 20
            values = values.reshape(50, 20, 4, 4).transpose(2, 3, 1, 0).reshape(320, 50)
        elif values.ndim == 2:
            values = values.T
        weights.append(values)
    keras_model.set_weights(weights)
