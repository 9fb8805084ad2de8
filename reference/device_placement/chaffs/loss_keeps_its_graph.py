"""The loss is returned with the graph that it was computed by.

Caught by:
    test_train_step.py::test_loss_has_no_graph
"""


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = (part.to(device) for part in batch)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
