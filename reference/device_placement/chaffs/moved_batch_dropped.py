"""x and y are moved, and what `.to` returns is dropped.

Caught by:
    test_train_step.py::test_batch_follows_the_model
    test_train_step.py::test_state_stays_on_the_device
    test_torch_on_gpu.py::test_step_on_the_gpu
"""


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = batch
    x.to(device)
    y.to(device)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
