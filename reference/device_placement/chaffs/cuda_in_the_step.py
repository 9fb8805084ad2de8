"""The batch is moved by `.cuda()`, whatever device was asked for.

Caught by:
    test_train_step.py::test_step
    test_train_step.py::test_steps_are_separate
    test_train_step.py::test_batch_follows_the_model
    test_train_step.py::test_state_stays_on_the_device
    test_train_step.py::test_loss_has_no_graph
"""


# %% solve_train_step
def train_step(model, batch, device, optimizer):
    x, y = (part.cuda() for part in batch)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
