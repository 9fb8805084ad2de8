"""Hidden tests of task 10: training on digits. The network is the grader's, and so are the digits it is judged by."""

from itertools import pairwise

import numpy as np
import pytest

from autograder.graders.cnn_layers.oracles import cross_entropy, draw_digits, tensor, torch_network
from autograder.graders.oracles import draw_weights
from autograder.grading import as_numbers, assert_close, check, is_a, probe

ENOUGH = 0.8
ATTEMPTS = 3


@probe
def new_network(seed):
    import torch
    from torch import nn

    torch.set_grad_enabled(True)  # whoever's `evaluate` leaves it off has paid for that
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 10, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 20, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(320, 50),
        nn.ReLU(),
        nn.Linear(50, 10),
    )


@probe
def watched(net, drawn):
    """The network; its first layer notes the order of samples where graphs are recorded. Random numbers were drawn."""
    import random

    import numpy as np
    import torch

    for seed in (torch.manual_seed, np.random.seed, random.seed):
        seed(drawn)
    net.orders = {True: [], False: []}

    def note(module, inputs):
        if torch.is_grad_enabled():
            net.orders[module.training] += inputs[0].detach().flatten(1).sum(dim=1).tolist()

    next(layer for layer in net.modules() if not list(layer.children())).register_forward_pre_hook(note)
    return net


@probe
def set_back(net, to):
    """Give a network the parameters of another one of its kind again."""
    net.load_state_dict(to.state_dict())


@probe
def orders(net):
    return net.orders[True] or net.orders[False]


@probe
def unteachable(logits):
    """A network that answers the same logits to each image, whatever its parameter becomes."""
    import torch
    from torch import nn

    class Same(nn.Module):
        def __init__(self):
            super().__init__()
            self.idle, self.seen = nn.Parameter(torch.ones(10)), nn.Identity()

        def forward(self, x):
            return (torch.from_numpy(logits).float() + 0 * self.idle).expand(len(self.seen(x)), 10)

    return Same()


@probe
def left_alone(fit, net, images, labels):
    import numpy as np

    images, labels = np.array(images), np.array(labels)
    kept, before = (images.copy(), labels.copy()), [p.detach().clone() for p in net.parameters()]
    fit(net, images, labels, 0, 0)
    begun = any(bool((p.detach() != old).any()) for p, old in zip(net.parameters(), before, strict=True))
    fit(net, images, labels, 2, 0)
    trained = any(bool((p.detach() != old).any()) for p, old in zip(net.parameters(), before, strict=True))
    return np.array_equal(images, kept[0]), np.array_equal(labels, kept[1]), trained, begun


@probe
def answers(net, x):
    import torch

    net.eval()
    with torch.no_grad():
        return net(x)


def neighbours(sums):
    """Which samples come one after the other: each is known by the place that its sum has among all."""
    return {frozenset(pair) for pair in pairwise(np.argsort(np.argsort(sums)).tolist())}


def shuffled(one, other):
    """Whether of two orders of the same samples neither is the other, nor its batches in another order."""
    return len(neighbours(one) & neighbours(other)) < len(one) / 2


def accuracy(student, net, images, labels):
    """The share of images whose largest logit is that of the right class."""
    logits = as_numbers(student.run(answers, net, tensor(images[:, None])), "the logits")
    check(logits.shape == (len(labels), 10), "the network must still give 10 logits an image", got=logits.shape)
    return float(np.mean(logits.argmax(axis=1) == labels))


@pytest.mark.points(1)
@pytest.mark.timeout(20)
def test_accuracy_on_new_digits(student, rng):
    """Trained for 6 epochs on 600 digits, a new network names at least 80 % of others, however the digits are named.

    Hint: watch the loss: is the learning rate too small, or so large that it jumps? Smaller batches take more steps.
    """
    (images, labels), (others, names) = draw_digits(rng, (600, 400))
    reached = []
    for seed in rng.choice(1000, ATTEMPTS, replace=False):
        net = student.run(new_network, int(seed))
        student.fit(net, images, labels, 6, int(seed))
        reached.append(accuracy(student, net, others, names))
        if reached[-1] >= ENOUGH:
            break
    check(max(reached) >= ENOUGH, "the accuracy on new digits must be at least 0.8", got=round(max(reached), 3))


@pytest.mark.points(0.5)
@pytest.mark.timeout(20)
def test_few_digits_are_learned_by_heart(student, rng):
    """In 60 epochs on 32 digits the network learns all of them.

    Hint: a network that cannot learn 32 images by heart is not trained as you think: look at its gradients and steps.
    """
    ((images, labels),) = draw_digits(rng, (32,))
    reached = []
    for seed in rng.choice(1000, ATTEMPTS, replace=False):
        net = student.run(new_network, int(seed))
        losses = student.fit(net, images, labels, 60, int(seed))
        check(is_a(losses, list) and len(losses) == 60, "60 epochs must give a list of 60 losses", got=losses)
        reached.append(accuracy(student, net, images, labels))
        if reached[-1] == 1:
            break
    check(max(reached) == 1, "all 32 digits must be named rightly after 60 epochs", got=round(max(reached), 3))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pictures = np.random.default_rng(0).random((200, 28, 28), dtype='float32')\n"
    "def losses(seed):\n"
    "    torch.manual_seed(0)\n"
    "    net = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10))\n"
    "    return fit(net, pictures, np.arange(200) % 10, epochs=2, seed=seed)\n"
    "[np.allclose(losses(1), losses(1)), np.allclose(losses(1), losses(2)), len(losses(1))]",
    gives=[True, False, 2],
)
@pytest.mark.timeout(10)
def test_seed_decides(student, rng):
    """The same seed gives the same parameters and losses, one an epoch; another seed, and another epoch, another order.

    Hint: a generator of your own, made once: torch.Generator().manual_seed(seed), and torch.randperm(n, generator=...)
    at the beginning of each epoch, the first one too. The largest seed, 2**32 - 1, is good for more than one epoch.
    """
    ((images, labels),) = draw_digits(rng, (90,))
    weights, found, seen = draw_weights(rng), [], []
    for drawn, used in enumerate(({}, {"seed": 0}, {"seed": 1})):  # 0 is a seed like any other, and the default
        net = student.run(watched, student.run(torch_network, weights), drawn)
        losses = student.fit(net, images, labels, epochs=2, **used)
        check(is_a(losses, list), "a list of losses must come back", got=losses)
        losses = [as_numbers(loss, "a loss") for loss in losses]
        check([loss.shape for loss in losses] == [(), ()], "there must be one loss for each epoch", got=losses)
        true = min(losses) > 0 and losses[0] != losses[1]
        check(true, "the losses must be those of two epochs: above 0, and not the same", got=losses)
        found.append((losses, as_numbers(student.run(answers, net, tensor(images[:5, None])), "the logits")))
        seen.append(as_numbers(student.run(orders, net), "the order of the samples"))
    (first, one), (second, again), (_, other) = found
    check(bool(np.allclose(one, again, atol=1e-4)), "seed=0, given or left out, must give the same network")
    check(bool(np.allclose(first, second, atol=1e-4)), "seed=0, given or left out, must give the same losses")
    check(not np.allclose(one, other, atol=1e-4), "another seed must give another network")
    student.run(set_back, net, student.run(torch_network, weights))
    student.fit(net, images, labels, epochs=2, seed=1)
    again = as_numbers(student.run(answers, net, tensor(images[:5, None])), "the logits")
    same = bool(np.allclose(again, other, atol=1e-4))
    check(same, "a network that is set back to its first parameters must end as before with the same seed")
    short, long = (student.run(watched, student.run(unteachable, np.zeros(10)), drawn) for drawn in range(2))
    student.fit(short, images, labels, 1, 32_000)
    only = as_numbers(student.run(orders, short), "the order of the samples")
    student.fit(long, images, labels, 12, 2**32 - 1)  # nothing may be added to it for a generator that takes no more
    all_orders = as_numbers(student.run(orders, long), "the order of the samples")
    if len(all_orders) == 12 * 90:
        different = len({tuple(order) for order in np.argsort(all_orders.reshape(12, 90), axis=1).tolist()})
        check(different == 12, "each of 12 epochs must have an order of its own", got=different)
    fewer = len(only)
    check(1.5 * fewer <= len(seen[2]), "in one epoch the network must see fewer samples than in two", got=fewer)
    if [fewer, *map(len, seen)] == [90, 180, 180, 180]:  # otherwise the network has seen more than these samples
        check(not np.array_equal(seen[2][:90], seen[2][90:]), "the second epoch must have another order than the first")
        epochs, others = ([order[:90], order[90:]] for order in seen[1:])  # with one seed and with another
        check(
            shuffled(*epochs) and shuffled(*others),
            "the second epoch must shuffle the samples, not only the batches of the first",
        )
        given = images.sum(axis=(1, 2))
        for order, epoch in zip([only, *epochs], ("an only", "the first", "the second"), strict=True):
            check(shuffled(order, given), f"{epoch} epoch must shuffle the samples, not take them as they came")
        for one, other, epoch in zip(epochs, others, ("first", "second"), strict=True):
            check(shuffled(one, other), f"another seed must give another order of the samples in the {epoch} epoch")
        for one in (epochs[0], others[0]):
            check(shuffled(one, only), "another seed, 32000, must give another order of the samples")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Clueless(nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.unused = nn.Parameter(torch.ones(10))\n"
    "    def forward(self, x):\n"
    "        return 0 * self.unused.expand(len(x), 10)\n"
    "fit(Clueless(), np.zeros((100, 28, 28), 'float32'), np.arange(100) % 10, epochs=2)  # log(10), twice",
    gives=[2.302585, 2.302585],
)
@pytest.mark.timeout(10)
def test_losses(student, rng):
    """What comes back is the mean cross-entropy of each epoch, over all its samples.

    Hint: a list with a number for each epoch, however small: what train_epoch returns. Not the sum over the batches,
    nor the last one. A loss may be large: no softmax, and no bound, before its logarithm. There may be a single image.
    """
    ((images, labels),) = draw_digits(rng, (101,))  # a prime number: some batch is smaller
    logits = rng.normal(size=10)
    logits[labels[0]] = -1e5  # a class whose probability is 0, and its logarithm still counts
    mean = cross_entropy(np.tile(logits, (101, 1)), labels).mean()
    sure = 12.0 * (np.arange(10) == 3)  # of the class 3: a loss that is small, but above 0
    small = cross_entropy(sure[None], np.array([3]))[0]
    kinds = (6, logits, labels, mean, 1e-5), (20, sure, np.array([3]), small, 0.05), (0, logits, labels, mean, 1e-5)
    for epochs, answered, labels, mean, rtol in kinds:
        count, given = len(labels), {} if epochs == 6 else {"epochs": epochs}  # 6 is the default
        net, seed = student.run(unteachable, answered), int(rng.integers(1000))
        losses = student.fit(net, images[:count], labels, **given, seed=seed)
        check(is_a(losses, list), "a list of losses must come back", got=losses)
        said = f"{epochs} epochs" if given else "without `epochs`, the default of fit"
        check(len(losses) == epochs, f"{said} must give as many losses", got=losses)
        floats = all(isinstance(loss, float | np.floating) for loss in losses)
        check(floats, "each loss must be a float, not an array or a tensor", got=losses)
        what = f"the losses of a network that learns nothing, for {count} samples,"
        assert_close(np.array(losses), [mean] * epochs, what=what, rtol=rtol)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pictures, names = np.random.default_rng(0).random((50, 28, 28), dtype='float32'), np.arange(50) % 10\n"
    "kept = pictures.copy()\n"
    "fit(nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10)), pictures, names, epochs=2)\n"
    "[bool((pictures == kept).all()), bool((names == np.arange(50) % 10).all())]",
    gives=[True, True],
)
@pytest.mark.timeout(10)
def test_digits_are_left_alone(student, rng):
    """The images and labels are afterwards what they were before.

    Hint: x[order] is a new array. Neither shuffle in place nor subtract anything with -=.
    """
    ((images, labels),) = draw_digits(rng, (60,))
    net = student.run(torch_network, draw_weights(rng))
    images_kept, labels_kept, trained, begun = student.run(left_alone, student.fit, net, images, labels)
    check(trained is True, "the network must be trained")
    check(begun is False, "in 0 epochs no parameter may change: training goes on from what the network has learned")
    check(images_kept is True, "the images must not be changed")
    check(labels_kept is True, "the labels must not be changed")
