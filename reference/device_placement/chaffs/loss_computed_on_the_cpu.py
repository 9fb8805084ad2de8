"""The predictions are moved back, and the loss is computed on the CPU.

Caught by:
    test_train_step.py::test_batch_follows_the_model
    test_train_step.py::test_state_stays_on_the_device
    test_torch_on_gpu.py::test_step_on_the_gpu
    test_torch_on_gpu.py::test_nothing_is_read_back
"""


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = (part.to(device) for part in batch)
    loss = nn.functional.mse_loss(model(x).cpu(), y.cpu())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
