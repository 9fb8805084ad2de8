"""Hidden tests of task 8: loss and accuracy in PyTorch, and what evaluating must leave alone."""

import numpy as np
import pytest

from autograder.graders.cnn_layers.oracles import (
    attributes,
    close,
    cross_entropy,
    one_by_one,
    ragged,
    read_once,
    sent,
)
from autograder.grading import assert_close, check, probe, value

CLASSES = 13  # more than there are digits
SIZES = (CLASSES, CLASSES, 1)  # logits of as many rows as columns


@probe
def watched(w, b):
    """A model of seven modules, one of them in two of the others, that notes how it is called.

    The first turns signs in training mode.
    """
    import torch
    from torch import nn

    class Turns(nn.Module):
        def forward(self, x):
            self.calls.append((self.training, torch.is_grad_enabled()))
            return -x if self.training else x

    Turns.calls = []  # of the class: a copy of the model notes its calls here, too
    torch.use_deterministic_algorithms(False)  # whoever's `evaluate` leaves it on is told in one test
    torch.set_default_dtype(torch.float32)
    linear = nn.Linear(*w.shape)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(w.T.copy()))
        linear.bias.copy_(torch.from_numpy(b))
    linear.weight.grad, linear.bias.grad = linear.weight.detach() + 1, None
    linear.bias.requires_grad_(False)
    shared = nn.Identity()
    inner = nn.Sequential(nn.BatchNorm1d(w.shape[0], affine=False, eps=1e-12), linear, shared)
    return nn.Sequential(Turns(), inner, nn.Sequential(shared)).to(torch.from_numpy(w).dtype)


@probe
def modes(model):
    return [module.training for module in model.modules()]


@probe
def set_modes(model, wanted):
    for module, mode in zip(model.modules(), wanted, strict=True):
        module.training = mode


@probe
def gradients(model):
    return [p.grad for p in model.parameters()]


@probe
def numbers(model):
    return [held.detach() for held in (*model.buffers(), *model.parameters())]


@probe
def frozen(model):
    return [not p.requires_grad for p in model.parameters()]


@probe
def types(model):
    return [str(p.dtype) for p in model.parameters()]


@probe
def recording():
    """Whether graphs are recorded, where the generators of random numbers are, and what else is set for all."""
    import random

    import numpy as np
    import torch

    _, keys, place, *_ = np.random.get_state()
    places = torch.get_rng_state().numpy().tobytes(), keys.tobytes(), place, random.getstate()
    settings = str(torch.get_default_dtype()), torch.are_deterministic_algorithms_enabled()
    return torch.is_grad_enabled(), hash(places), settings


@probe
def each_time(evaluate, model, batches, factors):
    """Loss and accuracy after the model's parameters, and so its logits, were multiplied by each factor in turn."""
    import torch

    found = []
    for factor in factors:
        with torch.no_grad():
            for p in model.parameters():
                p.mul_(factor)
        found.append(evaluate(model, batches))
    return found


@probe
def recording_after(evaluate, model, batches):
    import torch

    with torch.no_grad():
        evaluate(model, batches)
        return torch.is_grad_enabled()


def setting(student, rng, dtype="float32"):
    """A model, its logits in evaluation mode, and ragged batches."""
    w, b = rng.normal(size=(4, CLASSES)).astype(dtype), rng.normal(size=CLASSES).astype(dtype)
    batches = ragged(rng, SIZES, classes=CLASSES)
    logits = np.concatenate([x for x, _ in batches]).astype(np.float64) @ w + b
    turn = CLASSES - 1 - logits[1].argmax()  # one answer is the last class
    w, b, logits = np.roll(w, turn, axis=1), np.roll(b, turn), np.roll(logits, turn, axis=1)
    labels = logits.argmax(axis=1)
    labels[[0, 2]] = (labels[[0, 2]] + 1) % CLASSES  # two wrong answers, both in one of the large batches
    ends = np.cumsum(SIZES)[:-1]
    batches = list(zip([x for x, _ in batches], np.split(labels, ends), strict=True))
    return student.run(watched, w, b), logits, labels, batches


def evaluated(student, model, batches):
    """Loss and accuracy."""
    result = student.evaluate(model, batches)
    check(isinstance(result, tuple | list) and len(result) == 2, "a loss and an accuracy must come back", got=result)
    return result


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Sequential(nn.Dropout(1.0), nn.Linear(1, 2, bias=False))  # dropped in training mode\n"
    "model[1].weight.data = torch.log(torch.tensor([[1.0], [3.0]]))  # the probabilities: 1/4, 3/4\n"
    "batches = [(torch.ones(3, 1), torch.tensor([1, 1, 1])), (torch.ones(1, 1), torch.tensor([0]))]\n"
    "score = evaluate(model, iter(batches))\n"
    "[score[0], isinstance(score, tuple), isinstance(score[0], float)]",
    gives=[0.562335, True, True],
)
def test_loss(student, rng):
    """The loss is the mean over all samples, in evaluation mode: with a smaller last batch too, and from a generator.

    Hint: model.eval(); F.cross_entropy(..., reduction="sum") takes logits, however large, without a softmax, and adds
    up over a batch; divide once, at the end. Go through the batches once. Loss and accuracy are floats, and come back
    as a tuple.
    """
    model, logits, labels, batches = setting(student, rng)
    for dressed in (one_by_one, read_once):  # a generator, and something with a length
        score = evaluated(student, model, student.run(dressed, sent(batches)))
        close(score[0], cross_entropy(logits, labels).mean(), "the loss")
    check(isinstance(score[0], float), "the loss must be a Python float", got=score[0])
    check(isinstance(score, tuple), "loss and accuracy must come back as a tuple", got=score)
    logits, labels, right = logits[SIZES[0] :], labels[SIZES[0] :], np.sort(logits[SIZES[0] :], axis=1)
    sure = float(9 / (right[:, -1] - right[:, -2]).min())  # then each loss is small, but above 0
    found = student.run(each_time, student.evaluate, model, sent(batches[1:]), [sure, -1e20])
    loss = cross_entropy(sure * logits, labels).mean()
    assert_close(found[0][0], loss, what="the loss of a model that is sure of what is right", rtol=0.1)
    loss = cross_entropy(-1e20 * sure * logits, labels).mean()  # the logarithm of a probability of 0 still counts
    close(found[1][0], loss, "the loss of the same model once it has become sure of what is wrong")


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Sequential(nn.Dropout(1.0), nn.Linear(1, 2, bias=False))  # dropped in training mode\n"
    "model[1].weight.data = torch.log(torch.tensor([[1.0], [3.0]]))  # the probabilities: 1/4, 3/4\n"
    "batches = [(torch.ones(3, 1), torch.tensor([1, 1, 1])), (torch.ones(1, 1), torch.tensor([0]))]\n"
    "accuracy = evaluate(model, batches)[1]\n"
    "[accuracy, isinstance(accuracy, float)]",
    gives=[0.75, True],
)
def test_accuracy(student, rng):
    """The accuracy is the share of samples whose largest logit is that of the right class, a float.

    Hint: logits are (n, classes): argmax(dim=1). Count samples, with .item(); do not average over batches. A model and
    its inputs may be in float64.
    """
    model, logits, labels, batches = setting(student, rng, "float64")
    accuracy = evaluated(student, model, sent(batches, dtype="float64"))[1]
    assert_close(accuracy, np.mean(logits.argmax(axis=1) == labels), what="the accuracy", rtol=1e-6)
    check(isinstance(accuracy, float), "the accuracy must be a Python float", got=accuracy)


@pytest.mark.points(1)
@pytest.mark.example(
    "model = nn.Sequential(nn.Dropout(0.5), nn.Linear(1, 2))\n"
    "model[0].eval()  # only this part\n"
    "evaluate(model, [(torch.ones(1, 1), torch.tensor([0]))])\n"
    "[module.training for module in model.modules()]",
    gives=[True, False, True],
)
def test_modes(student, rng):
    """Each module is in evaluation mode while it is evaluated, and afterwards in the mode in which it was.

    Hint: remember .training of every module in model.modules(): a part may be frozen in evaluation mode, or be trained
    in a model that is not. A module's train() and eval() set all that is in it too; `module.training = ...` sets one.
    """
    mixed = [True, True, True, False, True, False, True]  # the last but one is in the third and in the last
    for wanted in ([True] * 7, [False] * 7, mixed, [False, True, False, True, False, True, False]):
        model, _, _, batches = setting(student, rng)
        student.run(set_modes, model, wanted)
        evaluated(student, model, sent(batches))
        calls = model[0].calls
        check(len(calls) > 0, "the model must be called")
        check(not any(call[0] for call in calls), "every module must be in evaluation mode at every call", got=calls)
        found = student.run(modes, model)
        check(found == wanted, "afterwards each module must be in the mode in which it was", got=found)


@pytest.mark.points(1)
@pytest.mark.example(
    "class Noted(nn.Linear):\n"
    "    def forward(self, x):\n"
    "        self.noted = torch.is_grad_enabled()\n"
    "        return super().forward(x)\n"
    "model = Noted(1, 2)\n"
    "model.weight.grad = torch.ones(2, 1)\n"
    "evaluate(model, [(torch.ones(1, 1), torch.tensor([0]))])\n"
    "found = {'during': model.noted, 'afterwards': torch.is_grad_enabled(), 'kept': model.weight.grad is not None}\n"
    "with torch.no_grad():\n"
    "    evaluate(model, [(torch.ones(1, 1), torch.tensor([0]))])\n"
    "    found['where it was off'] = torch.is_grad_enabled()\n"
    "found",
    gives={"during": False, "afterwards": True, "kept": True, "where it was off": False},
)
def test_no_graph(student, rng):
    """No graph is recorded meanwhile, and nothing is left changed: gradients, statistics, the recording of graphs.

    Hint: `with torch.no_grad():` around the loop.
    """
    model, _, _, batches = setting(student, rng)
    parts = (gradients, numbers, frozen, types, attributes)
    before, kept, idle, held, names = (student.run(part, model) for part in parts)
    _, drawn, settings = student.run(recording)
    student.run(set_modes, model, [False] + [True] * 6)  # a model in evaluation mode is one whose graphs are recorded
    evaluated(student, model, sent(batches))
    calls = model[0].calls
    check(len(calls) > 0 and not any(call[1] for call in calls), "no graph may be recorded meanwhile", got=calls)
    on, drawn_after, found = student.run(recording)
    check(on is True, "afterwards graphs must be recorded as before")
    untouched = drawn_after == drawn
    check(untouched, "the generators of random numbers must be left as they were: nothing may be drawn or seeded")
    check(found == settings, "the default type and the choice of algorithms must be as they were", got=found)
    found = student.run(frozen, model)
    check(found == idle, "what was frozen must be frozen afterwards, and nothing else", got=found)
    found = student.run(types, model)
    check(found == held, "the parameters must have the types that they had", got=found)
    found = student.run(attributes, model)
    added = sorted({*found} - {*names})
    check(found == names, "the modules must have the attributes, values and hooks that they had", got=added)
    student.run(set_modes, model, [True] * 7)
    on = student.run(recording_after, student.evaluate, model, sent(batches))
    check(on is False, "afterwards no graphs must be recorded where none were recorded before")
    after = student.run(gradients, model)
    check(len(after) == 2 and after[1] is None, "a parameter without a gradient must have none afterwards")
    close(value(after[0]), value(before[0]), "the gradient that was there before")
    for one, other in zip(kept, student.run(numbers, model), strict=True):
        close(value(other), value(one), "a statistic of the BatchNorm, or a parameter,")
