"""Hidden tests of task 8: training. The flowers that a network is judged by, and the judging, are here."""

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import cross_entropies, descend, listed, logits, weights_of
from autograder.graders.oracles import draw_flowers, iris
from autograder.grading import as_numbers, assert_close, check, probe, value

FLOWERS = 150
ENOUGH = 0.8
ATTEMPTS = 3


@probe
def linear_net(weight, bias, lr, by_hand):
    import chainer
    import chainer.links as L

    class Flat(chainer.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope(), chainer.using_config("dtype", weight.dtype):
                self.only = L.Linear(4, 3, initialW=weight, initial_bias=bias)
            self.batches, self.tosses, self.modes = [], [], []

        def __call__(self, given, toss):
            self.batches.append([float(n) for n in getattr(given, "array", given)[:, 0]])
            # a net may toss as often as it likes: once here, then twice, then never, and so on
            self.tosses.extend(bool(toss()) for _ in range(len(self.batches) % 3))
            self.modes.append(chainer.config.train)
            return self.only(given)

    net = Flat()

    class ByHand:
        def setup(self, link):
            raise RuntimeError("the optimizer is set up already")

        def update(self, lossfun=None, *args):
            if lossfun is not None:
                net.cleargrads()
                lossfun(*args).backward()
            for p in net.params():
                p.array = p.array - lr * p.grad

    return [net, ByHand() if by_hand else chainer.optimizers.SGD(lr=lr).setup(net)]


@probe
def fitted(fit, kind, X, y, seed):
    """Networks fitted to the same arrays, without a seed, with the seed 0, with another one; and with other species."""
    before = X.copy(), y.copy()
    nets = [fit(X, y), fit(X, y, seed=0), fit(X, y, seed), fit(X, (y + 1) % 3)]
    unchanged = bool((before[0] == X).all() and (before[1] == y).all())
    return [nets, [isinstance(net, kind) for net in nets], unchanged]


@probe
def changed(train, net, optimizer, X, y, coin):
    """What two epochs change besides the network: the flowers, the species, Chainer's configuration, also meanwhile."""
    import chainer

    def now():
        config = {name: getattr(chainer.config, name) for name in ("train", "enable_backprop", "dtype")}
        return {"X": X.tolist(), "y": y.tolist(), **{f"chainer.config.{name}": config[name] for name in config}}

    with chainer.using_config("train", True):
        before = now()
        train(net, optimizer, X, y, coin, epochs=2, batch_size=3)
        after = now()
    names = [name for name in before if before[name] != after[name]]
    return names if all(net.modes) else [*names, "chainer.config.train, when the net is called"]


@probe
def drawn_coin(answers):
    def coin():
        return coin.left.pop(0)

    coin.left = list(answers)
    return coin


@probe
def tosses_left(coin):
    return len(coin.left)


@probe
def what_it_saw(net):
    return [net.batches, net.tosses]


class Lesson:
    """A linear network, some flowers, and a coin whose tosses are known.

    `bias` is what speaks for the species 0, which all flowers then are: much, and nothing is left to be learned.
    """

    def __init__(self, student, rng, flowers, lr, by_hand=False, bias=None):
        self.student = student
        self.weight, self.bias = rng.normal(scale=0.5, size=(3, 4)), rng.normal(size=3)
        self.x, self.species = rng.uniform(0.5, 2.0, size=(flowers, 4)), rng.integers(3, size=flowers)
        if bias is not None:
            self.species[:], self.bias[0] = 0, bias
        self.tosses = [True, True, False, *(bool(n) for n in rng.integers(2, size=297))]
        self.coin = student.run(drawn_coin, self.tosses)
        self.net, self.optimizer = student.run(linear_net, self.weight, self.bias, lr, by_hand)

    def train(self, epochs, **batch_size):
        """What train returns."""
        arguments = (self.net, self.optimizer, self.x, self.species, self.coin)
        return self.student.train(*arguments, epochs=epochs, **batch_size)

    def seen(self):
        """The first column of each batch, and the tosses."""
        return listed(self.student.run(what_it_saw, self.net), 2, "what the network saw")

    def batches(self):
        """The flowers in each batch that the network saw, by their place in x."""
        seen = [as_numbers(batch) for batch in self.seen()[0]]
        return [np.abs(self.x[:, 0] - batch[:, None]).argmin(axis=1) for batch in seen]


@pytest.mark.points(1)
@pytest.mark.example(
    "class Flat(chainer.Chain):\n"
    "    def forward(self, x, coin):\n"
    "        return self.only(x)\n"
    "net = Flat(only=L.Linear(4, 3, initialW=np.zeros((3, 4))))\n"
    "class Plain:\n"
    "    def update(self, loss=None, *args):\n"
    "        if loss is not None:\n"
    "            net.cleargrads()\n"
    "            loss(*args).backward()\n"
    "        for p in net.params():\n"
    "            p.array = p.array - 0.3 * p.grad\n"
    "losses = train(net, Plain(), np.ones((2, 4)), np.array([0, 0]), None, epochs=1)\n"
    "{'losses': losses, 'bias': net.only.b.array}",
    gives={"losses": [1.098612], "bias": [0.2, -0.1, -0.1]},
)
def test_plain_steps(student, rng):
    """Each batch is one plain step of any optimizer, from the gradient of its own mean loss, also where the loss rises.

    Hint: cleargrads of the net, forward, backward, update, in this order, for each batch. What was not cleared adds up,
    and is NaN at first. Ask an optimizer for nothing but update.
    """
    lesson, lr = Lesson(student, rng, flowers=6, lr=0.3, by_hand=True, bias=-1000.0), 0.3
    lesson.x *= 10  # large gradients, and losses that are far from zero
    losses = lesson.train(epochs=4, batch_size=6)
    weight, bias, expected = descend(lesson.weight, lesson.bias, lesson.x, lesson.species, lr, 4)
    assert_close(lesson.net.only.W.array, weight, what="the weight after 4 epochs")
    assert_close(lesson.net.only.b.array, bias, what="the bias after 4 epochs")
    assert_close(losses, expected, what="the losses of 4 epochs")
    for lr, size in ((0.1, 1), (-0.5, 10)):  # down, and up, where gradients are large
        lesson = Lesson(student, rng, flowers=7, lr=lr)
        lesson.x *= size
        losses, what = lesson.train(epochs=3, batch_size=3), f"after 3 epochs of 3 batches each with a rate of {lr}"
        weight, bias, expected = lesson.weight, lesson.bias, []
        for batch in lesson.batches():
            weight, bias, loss = descend(weight, bias, lesson.x[batch], lesson.species[batch], lr, 1)
            expected.append(len(batch) / 7 * loss[0])
        assert_close(lesson.net.only.W.array, weight, what=f"the weight {what}")
        assert_close(lesson.net.only.b.array, bias, what=f"the bias {what}")
        check(len(expected) == 9, "7 flowers in batches of 3 are 9 batches in 3 epochs", got=len(expected))
        assert_close(losses, np.reshape(expected, (3, 3)).sum(axis=1), what=f"the losses {what}")


@pytest.mark.points(1)
@pytest.mark.example(
    "class Flat(chainer.Chain):\n"
    "    def forward(self, x, coin):\n"
    "        return self.only(x)\n"
    "bias = np.log([2.0, 1.0, 1.0])  # the probabilities are 1/2, 1/4, 1/4\n"
    "net = Flat(only=L.Linear(4, 3, initialW=np.zeros((3, 4)), initial_bias=bias))\n"
    "sgd = chainer.optimizers.SGD(lr=0.0).setup(net)\n"
    "train(net, sgd, np.ones((3, 4)), np.array([0, 0, 1]), lambda: True, epochs=1, batch_size=2)",
    gives=[0.924196],
)
def test_mean_over_flowers(student, rng):
    """An epoch's loss is the mean over its flowers, also when the last batch is smaller.

    Hint: weight each batch's mean by its number of flowers, and divide by all of them.
    """
    # losses that stay as they are, losses of zero, and losses that are no numbers
    for bias, epochs in ((None, 25), (1000.0, 12), (np.nan, 3)):
        lesson, what = Lesson(student, rng, flowers=7, lr=0.0, bias=bias), f"the losses of {epochs} epochs"
        losses = listed(lesson.train(epochs=epochs, batch_size=3), epochs, f"{what} with a rate of zero")
        mean = cross_entropies(lesson.x @ lesson.weight.T + lesson.bias, lesson.species).mean()
        assert_close(losses, [mean] * epochs, what=f"{what} with a rate of zero")
        floats = all(isinstance(loss, float | np.floating) for loss in losses)
        check(floats, "each loss must be a float", got=losses)
    listed(lesson.train(epochs=0, batch_size=3), 0, "the losses of no epochs")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "seen = []\n"
    "class Flat(chainer.Chain):\n"
    "    def forward(self, x, coin):\n"
    "        seen.extend(float(row[0]) for row in getattr(x, 'array', x))\n"
    "        return self.only(x)\n"
    "net, X = Flat(only=L.Linear(4, 3)), np.arange(5.0)[:, None] * np.ones(4)\n"
    "sgd = chainer.optimizers.SGD(lr=0.1).setup(net)\n"
    "train(net, sgd, X, np.zeros(5, dtype=int), lambda: True, epochs=1, batch_size=2)\n"
    "sorted(seen)",
    gives=[0.0, 1.0, 2.0, 3.0, 4.0],
)
def test_every_flower_once(student, rng):
    """In each epoch every flower is used once, in batches of batch_size and one of the rest.

    Hint: range(0, len(X), batch_size), and slices of a permutation.
    """
    lesson = Lesson(student, rng, flowers=7, lr=0.1)
    arguments = (student.train, lesson.net, lesson.optimizer, lesson.x, lesson.species, lesson.coin)
    names = value(student.run(changed, *arguments))
    check(names == [], "train must leave what it is given, and chainer.config, as they are", got=names)
    batches = [as_numbers(batch).tolist() for batch in lesson.seen()[0]]
    check(len(batches) == 6, "7 flowers in batches of 3 are 3 batches an epoch", got=len(batches))
    for epoch in (batches[:3], batches[3:]):
        sizes = sorted(map(len, epoch))
        check(sizes == [1, 3, 3], "7 flowers in batches of 3 are two of 3 and one of 1", got=sizes)
        flowers = sorted(number for batch in epoch for number in batch)
        assert_close(flowers, np.sort(lesson.x[:, 0]), what="the flowers of an epoch, sorted")
    for count, expected in ((12, [2, 10]), (7, [7])):
        lesson = Lesson(student, rng, flowers=count, lr=0.1)
        lesson.train(epochs=1)
        sizes = sorted(map(len, lesson.batches()))
        check(sizes == expected, f"{count} flowers are batches of {expected} when no batch_size is given", got=sizes)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "seen, coin = [], iter(8 * [True, False, False, True]).__next__\n"
    "class Flat(chainer.Chain):\n"
    "    def forward(self, x, coin):\n"
    "        seen.extend([coin(), coin()])\n"
    "        return self.only(x)\n"
    "net = Flat(only=L.Linear(4, 3))\n"
    "sgd = chainer.optimizers.SGD(lr=0.1).setup(net)\n"
    "train(net, sgd, np.ones((4, 4)), np.zeros(4, dtype=int), coin, epochs=1, batch_size=2)\n"
    "seen",
    gives=[True, False, False, True],
)
def test_coin_is_passed_on(student, rng):
    """The coin goes to the network call by call; train does not toss it.

    Hint: net(x, coin), not net(x, coin()) and not one toss for all.
    """
    lesson = Lesson(student, rng, flowers=4, lr=0.1)
    lesson.train(epochs=5, batch_size=2)  # ten calls of the network, and ten tosses
    tosses = lesson.seen()[1]
    left = student.run(tosses_left, lesson.coin)
    check(left == 290, "only the network may toss the coin", got=f"{300 - left} tosses where it tosses 10 times")
    check(tosses == lesson.tosses[:10], "the network must see the coin's own tosses, all of them in turn", got=tosses)


@pytest.mark.points(0.5)
@pytest.mark.timeout(20)
def test_fit_follows_its_seed(student, rng):
    """The same seed gives the same trained network, another seed another.

    Hint: weights, order and coin each from a RandomState that is made from the seed.
    """
    data, species = iris()
    counts, seed = (7, 6, 6), int(rng.integers(1, 1000))  # 19 flowers: not all batches are of one size
    chosen = rng.permutation([50 * kind + n for kind in range(3) for n in rng.permutation(50)[: counts[kind]]])
    got = student.run(fitted, student.fit, student.BranchingNet, data[chosen], species[chosen], seed)
    nets, kinds, unchanged = listed(got, 3, "the networks")
    check(unchanged is True, "fit must leave X and y as they are")
    check(kinds == [True] * 4, "fit must give a BranchingNet", got=kinds)
    one, again, other, renumbered = (weights_of(student, net) for net in listed(nets, 4, "the networks"))
    for name in one:
        same = np.array_equal(one[name], again[name])
        check(same, f"the same seed must give the same {name}: fit(X, y), then fit(X, y, seed=0) of the same arrays")
    check(not np.array_equal(one["/trunk/W"], other["/trunk/W"]), "another seed must give other weights")
    learned = any(not np.array_equal(one[name], renumbered[name]) for name in one)
    check(learned, "fit must learn from the species that it is given: when they change, so must the weights")


@pytest.mark.points(2)
@pytest.mark.timeout(20)
def test_accuracy_of_each_branch(student, rng):
    """After fit each branch alone names at least 80 % of new flowers, however the species are numbered.

    Hint: watch the loss; try another rate or more epochs. Is the coin fair, and tossed anew for every batch?
    """
    numbers = np.array([[1, 2, 0], [2, 0, 1]][int(rng.integers(2))])
    data, known = iris()
    chosen = rng.permutation(150)[:100]
    flowers, species = draw_flowers(rng, FLOWERS)
    best = 0.0
    few = chosen[:20]
    for seed in rng.choice(1000, ATTEMPTS, replace=False):
        # one in some dozens of right networks ends where a branch is just being pushed about, and that must not decide
        net = student.fit(data[chosen], numbers[known[chosen]], seed=int(seed))
        weights = weights_of(student, net)
        right = [logits(weights, flowers, heads).argmax(axis=1) == numbers[species] for heads in (True, False)]
        best = max(best, min(float(hits.mean()) for hits in right))
        if best >= ENOUGH:
            break
    again = weights_of(student, student.fit(data[few], numbers[known[few]], seed=int(seed)))
    for branch in ("left", "right"):  # one that learns nothing has a good accuracy now and then
        learned = any(not np.array_equal(weights[f"/{branch}/{name}"], again[f"/{branch}/{name}"]) for name in "Wb")
        check(learned, f"the {branch} branch must learn: 100 flowers and 20 of them gave it the same weights")
    check(best >= ENOUGH, "the accuracy of the weaker branch on new flowers must be at least 0.8", got=round(best, 3))
