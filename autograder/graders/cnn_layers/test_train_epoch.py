"""Hidden tests of task 7: an epoch in PyTorch, compared with gradient descent in numpy."""

import numpy as np
import pytest

from autograder.graders.cnn_layers.oracles import close, descend, one_by_one, ragged, read_once, sent
from autograder.grading import assert_close, check, probe, value

SIZES = (6, 6, 1)
RATE = 0.2
MOMENTUM = 0.5


@probe
def classifier(w, b, rate, stale, momentum):
    """A linear classifier that notes how it is called, its optimizer, and gradients left over from something else.

    With those, one of its parameters takes no part.
    """
    import torch
    from torch import nn

    class Watched(nn.Linear):
        def forward(self, x):
            calls.append((self.training, torch.is_grad_enabled()))
            return super().forward(x)

    calls = []
    model = Watched(*w.shape, dtype=torch.from_numpy(w).dtype)
    if stale:
        model.idle = nn.Parameter(torch.ones(2))
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(w.T.copy()))
        model.bias.copy_(torch.from_numpy(b))
    model.calls = calls
    if stale:
        for p in model.parameters():
            p.grad = torch.ones_like(p)
    return model, torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)


@probe
def two_epochs(train_epoch, model, batches, optimizer):
    return [train_epoch(model, batches, optimizer) for _ in range(2)]


@probe
def modes(model):
    return [module.training for module in model.modules()]


@probe
def whole_of(part, wanted):
    """A model with one part, which has one part; which of the three are in training mode."""
    from torch import nn

    whole = nn.Sequential(nn.Sequential(part))
    for module, mode in zip(whole.modules(), wanted, strict=True):
        module.training = mode
    return whole


def setting(student, rng, stale=False, momentum=0, dtype="float32"):
    """A model, its optimizer, its weights, and ragged batches."""
    w, b = rng.normal(size=(4, 3)).astype(dtype), rng.normal(size=3).astype(dtype)
    model, optimizer = student.run(classifier, w, b, RATE, stale, momentum)
    *batches, (alone, _) = ragged(rng, SIZES)  # which is taken for what it looks like least: its loss is no small one
    return model, optimizer, w, b, [*batches, (alone, (alone @ w + b).argmin(axis=1))]


def sure_of(w, b, label):
    """A batch of one sample, for which x @ w + b is 9 for its label and 0 for all others."""
    wanted = 9.0 * (np.arange(len(b)) == label)
    x = np.linalg.lstsq(w.T, wanted - b, rcond=None)[0]
    return x[None].astype(np.float32), np.array([label])


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Linear(1, 2, bias=False)\n"
    "nn.init.zeros_(model.weight)\n"
    "optimizer = torch.optim.SGD(model.parameters(), lr=1.0)\n"
    "batches = [(torch.ones(1, 1), torch.tensor([0])), (torch.zeros(1, 1), torch.tensor([0]))]\n"
    "train_epoch(model, batches, optimizer)\n"
    "model.weight.flatten().tolist()",
    gives=[0.5, -0.5],
)
def test_steps(student, rng):
    """Each batch takes one step of the optimizer on its mean cross-entropy, in a second epoch of the same batches too.

    Hint: for each batch forget the old gradients, compute the loss of the logits, without a softmax, go backward,
    and take the step.
    """
    model, optimizer, w, b, batches = setting(student, rng, momentum=MOMENTUM)
    learned_w, learned_b, _ = descend(w, b, batches[:-1], RATE, MOMENTUM)
    batches[-1] = sure_of(learned_w, learned_b, label=1)  # its loss is next to nothing, and yet it takes a step
    student.train_epoch(model, sent(batches), optimizer)
    expected_w, expected_b, _ = descend(w, b, batches, RATE, MOMENTUM)
    close(value(model.weight), expected_w.T, "the weight after 3 batches")
    close(value(model.bias), expected_b, "the bias after 3 batches")
    losses = student.run(two_epochs, student.train_epoch, model, sent(batches), optimizer)
    expected = descend(w, b, batches * 3, RATE, MOMENTUM)[2].reshape(3, -1).mean(axis=1)
    close(losses, expected[1:], "the list of losses of the second and the third epoch")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Linear(1, 2, bias=False)\n"
    "model.weight.data = torch.log(torch.tensor([[1.0], [3.0]]))  # the probabilities: 1/4, 3/4\n"
    "batches = [(torch.ones(3, 1), torch.tensor([1, 1, 1])), (torch.ones(1, 1), torch.tensor([0]))]\n"
    "loss = train_epoch(model, iter(batches), torch.optim.SGD(model.parameters(), lr=0.0))\n"
    "[type(loss).__name__, float(loss)]",
    gives=["float", 0.562335],
)
def test_mean_over_samples(student, rng):
    """The loss that comes back is the mean over all samples: with a smaller last batch too, and from a generator.

    Hint: a batch's loss is a mean over that batch: multiply by its size, add up, and divide by the number of samples.
    Go through the batches once, and count as they come. F.cross_entropy takes logits, however large, without a softmax.
    """
    model, optimizer, w, b, batches = setting(student, rng)
    loss = student.train_epoch(model, student.run(read_once, sent(batches)), optimizer)
    w, b, losses = descend(w, b, batches, RATE)
    close(loss, losses.mean(), "the mean loss of batches that have a length and can be read once")
    trained_w, trained_b, _ = descend(w, b, batches[:-1], RATE)
    x = 1e4 * batches[-1][0]  # far off: the probability of the right class is 0, and its logarithm still counts
    batches[-1] = x, (x @ trained_w + trained_b).argmin(axis=1)
    loss = student.train_epoch(model, student.run(one_by_one, sent(batches)), optimizer)
    check(isinstance(loss, float), "the loss must be a Python float", got=loss)
    what = "the mean loss, the last sample's being large,"
    expected_w, _, losses = descend(w, b, batches, RATE)
    assert_close(loss, losses.mean(), what=what, rtol=2e-5)
    most = np.abs(expected_w).max()
    what = "the weight after a step on large inputs, as a share of its largest number,"
    assert_close(value(model.weight) / most, expected_w.T / most, what=what, rtol=0, atol=0.01)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Linear(1, 2).eval()\n"
    "train_epoch(model, [(torch.ones(1, 1), torch.tensor([0]))], torch.optim.SGD(model.parameters(), lr=0.1))\n"
    "model.training",
    gives=True,
)
def test_training_mode(student, rng):
    """The model is trained, and left, in training mode, whatever mode it and its parts came in.

    Hint: model.train() at the beginning of each epoch: somebody may have evaluated it, or a part of it, in between.
    """
    for wanted in ((False, False, False), (True, False, True), (True, True, False), (False, True, True)):
        model, optimizer, _, _, batches = setting(student, rng)
        whole = student.run(whole_of, model, wanted)
        student.train_epoch(whole, sent(batches), optimizer)
        calls = model.calls
        check(len(calls) == len(batches), "the model must be called once for each batch", got=len(calls))
        trained = all(tuple(call) == (True, True) for call in calls)
        check(trained, "the model, with all its parts, must be in training mode at every call", got=calls)
        left = student.run(modes, whole)
        check(all(left), "the model, with all its parts, must be left in training mode", got=left)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Linear(1, 2, bias=False)\n"
    "nn.init.zeros_(model.weight)\n"
    "optimizer = torch.optim.SGD(model.parameters(), lr=1.0)\n"
    "model.weight.grad = torch.ones(2, 1)  # left by somebody else\n"
    "train_epoch(model, [(torch.ones(1, 1), torch.tensor([0]))], optimizer)\n"
    "model.weight.flatten().tolist()",
    gives=[0.5, -0.5],
)
def test_stale_gradients(student, rng):
    """Gradients that were there before the epoch do not count.

    Hint: optimizer.zero_grad() before backward, from the first batch on. A model and its inputs may be in float64.
    """
    model, optimizer, w, b, batches = setting(student, rng, stale=True, dtype="float64")
    student.train_epoch(model, sent(batches[:1], dtype="float64"), optimizer)
    close(value(model.weight), descend(w, b, batches[:1], RATE)[0].T, "the weight after one batch")
    close(value(model.idle), [1, 1], "a parameter on which the logits do not depend")
