"""Each step looks whether the loss is still small, and waits for the device to know it.

Caught by:
    test_train_step.py::test_batch_follows_the_model
    test_train_step.py::test_state_stays_on_the_device
    test_torch_on_gpu.py::test_nothing_is_read_back
"""


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = (part.to(device) for part in batch)
    loss = nn.functional.mse_loss(model(x), y)
    if loss > 1e6:
        print("the loss is too large")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
