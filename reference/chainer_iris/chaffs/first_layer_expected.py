"""The walk begins with the first layer, which has to be there.

Caught by:
    test_layer_gradients.py::test_no_layers
"""


# %% solve_layer_gradients
def layer_gradients(layers, x, upstream):
    values = [Variable(np.array(x))]
    values.append(layers[0](values[0]))
    for layer in layers[1:]:
        values.append(layer(values[-1]))
    values[-1].grad = np.array(upstream)
    values[-1].backward(retain_grad=True)
    return [value.grad for value in values]
