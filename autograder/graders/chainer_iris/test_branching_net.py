"""Hidden tests of task 6: a chain of links, and a branch that a coin of the grader's decides."""

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import (
    BRANCHES,
    COINS,
    draw_weights,
    gradients_by_name,
    listed,
    logits,
    on_path,
    parameter,
    put_weights,
    variable,
    weights_of,
)
from autograder.graders.oracles import numeric_gradients
from autograder.grading import as_numbers, assert_close, check, probe, value

HIDDEN = 5


@probe
def children(net):
    import chainer.links as L

    return [[str(child.name), isinstance(child, L.Linear)] for child in net.children()]


@probe
def in_other_modes(net, x, coin):
    """The logits when nothing is recorded, and when nobody trains."""
    import chainer

    with chainer.using_config("enable_backprop", False):
        unrecorded = net(x, coin).array
    with chainer.using_config("train", False):
        return [unrecorded, net(x, coin).array]


@probe
def count_tosses(net, flowers):
    counts, tossed = [], []

    def coin():
        tossed.append(1)
        return len(tossed) % 2 == 0

    for batch in flowers:
        net(batch, coin)
        counts.append(len(tossed))
    return counts


@probe
def parameters_read(net, x, coin):
    """The parameters that a call reads, whether Chainer trains and records, or only records, or only trains."""
    import chainer
    import numpy as np

    read = set()

    class Watch(chainer.FunctionHook):
        name = "watch"

        def forward_preprocess(self, function, in_data):
            for name, p in net.namedparams():
                if any(np.shares_memory(p.array, array) for array in in_data):
                    read.add(name)

    with Watch():
        net(x, coin)
        for mode in ("train", "enable_backprop"):
            with chainer.using_config(mode, False):
                net(x, coin)
    return sorted(read)


@probe
def after_a_change(net, x, coin):
    """What the network makes of an x that it has seen, after all its weights have changed their signs."""
    net(x, coin)
    for p in net.params():
        p.array = -p.array  # another array, as after a step of an optimizer
    return net(x, coin).array


def known_net(student, rng):
    """A network with weights drawn here, biases included, and these weights."""
    net = student.BranchingNet(hidden=HIDDEN, seed=int(rng.integers(1000)))
    weights_of(student, net, HIDDEN)  # of the right names and shapes, or not to be filled
    weights = draw_weights(rng, HIDDEN)
    student.run(put_weights, net, weights)
    return net, weights


def backward(student, net, x, heads, g):
    """A forward and a backward pass from cleared gradients; the gradients by name."""
    net.cleargrads()
    y = net(x, COINS[heads])
    y.grad = g
    y.backward()
    got = value(student.run(gradients_by_name, net))
    check(isinstance(got, dict) and set(on_path(heads)) <= set(got), "the network must have its parameters")
    return got


@pytest.mark.points(1)
@pytest.mark.example(
    "net = BranchingNet(hidden=5)\n[sorted(child.name for child in net.children()), list(net.left.W.shape)]",
    gives=[["head", "left", "right", "trunk"], [5, 5]],
)
def test_children(student, rng):
    """The chain has four Linear children with biases, under the given names and in the given sizes.

    Hint: assign them inside `with self.init_scope():`, after super().__init__().
    """
    for hidden in (HIDDEN, int(rng.integers(6, 10))):
        net = student.BranchingNet(hidden=hidden, seed=int(rng.integers(1000)))
        weights_of(student, net, hidden)
        got = sorted(map(list, listed(student.run(children, net), 4, "the children")))
        linear = got == [[name, True] for name in ("head", "left", "right", "trunk")]
        check(linear, "the children must be trunk, left, right and head, each an L.Linear", got=got)
    weights_of(student, student.BranchingNet(), 12)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "def same(one, other):\n"
    "    pairs = zip(BranchingNet(seed=one).params(), BranchingNet(seed=other).params())\n"
    "    return all(np.array_equal(p.array, q.array) for p, q in pairs)\n"
    "[same(1, 1), same(0, 0), same(1, 2)]",
    gives=[True, True, False],
)
def test_seed(student, rng):
    """The same seed, 0 as well, gives the same parameters, another seed other weights; they are not all equal.

    Hint: draw them from np.random.RandomState(seed). Chainer by itself draws from numpy's global generator.
    """
    seed = int(rng.integers(1000))
    one, again, other, far, zero, zero_again = (
        weights_of(student, student.BranchingNet(hidden=HIDDEN, seed=s), HIDDEN)
        for s in (seed, seed, seed + 1, seed + 1000 * 2**16, 0, 0)
    )
    default = weights_of(student, student.BranchingNet(hidden=HIDDEN), HIDDEN)
    for name in one:
        check(np.array_equal(one[name], again[name]), f"the same seed must give the same {name}")
        check(np.array_equal(zero[name], zero_again[name]), f"the seed 0 must give the same {name} each time")
        check(np.array_equal(zero[name], default[name]), f"without a seed, {name} must be that of the seed 0")
    for child in ("trunk", "left", "right", "head"):
        name = f"/{child}/W"
        differ = not any(np.array_equal(one[name], of_another[name]) for of_another in (other, far))
        check(differ, f"another seed must give another {name}, also one that is larger by {1000 * 2**16}")
        check(np.ptp(one[name]) > 0, f"the numbers in {name} must not be all equal")


@pytest.mark.points(1)
@pytest.mark.example(
    "net = BranchingNet(hidden=1)\n"
    "for p in net.params():\n"
    "    p.array = np.ones(p.shape)\n"
    "x = np.zeros((1, 4))\n"
    "logits = [net(x, lambda: heads).array[0, 0] for heads in (True, False)]\n"
    "[*logits, net(Variable(x), lambda: True).array[0, 0]]",
    gives=[2.761594, 1.942681, 2.761594],
)
def test_logits(student, rng):
    """Heads goes through left and relu, tails through right and tanh, for any number of flowers, array or Variable.

    Hint: h = tanh(trunk(x)); then one branch; then head, without an activation. Links take arrays and Variables.
    """
    net, weights = known_net(student, rng)
    student.BranchingNet(hidden=HIDDEN, seed=0)  # the first one goes on with links of its own
    for n in (1, 6):
        x = rng.normal(size=(n, 4))
        for heads in (True, False):
            expected, what = logits(weights, x, heads), "heads" if heads else "tails"
            assert_close(net(x, COINS[heads]), expected, what=f"the logits for {what}")
            got = net(student.run(variable, x), COINS[heads])
            assert_close(got, expected, what=f"the logits of a Variable for {what}")
            modes = listed(student.run(in_other_modes, net, x, COINS[heads]), 2, "the logits")
            for got, mode in zip(modes, ("in no_backprop_mode", "where chainer.config.train is False"), strict=True):
                assert_close(got, expected, what=f"the logits for {what} {mode}")
    later = student.run(after_a_change, net, x, COINS[False])
    turned = {name: -weight for name, weight in weights.items()}
    assert_close(later, logits(turned, x, False), what="the logits for the same x after the weights have changed")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "tosses, net = [], BranchingNet(hidden=5)\n"
    "def coin():\n"
    "    tosses.append('heads')\n"
    "    return True\n"
    "for flowers in (1, 3):\n"
    "    net(np.ones((flowers, 4)), coin)\n"
    "len(tosses)",
    gives=2,
)
def test_one_toss(student, rng):
    """Each call of the network tosses the coin once, for all its flowers, and goes by that toss.

    Hint: coin() in forward, in one place. Not in __init__, and not for each row.
    """
    net, _ = known_net(student, rng)
    flowers = [rng.normal(size=(n, 4)) for n in (1, 3, 7)]
    counts = as_numbers(student.run(count_tosses, net, flowers), "the counts")
    check(counts.tolist() == [1, 2, 3], "each of three calls must toss once", got=counts)


@pytest.mark.points(1)
@pytest.mark.example(
    "net = BranchingNet(hidden=5)\n"
    "net.cleargrads()\n"
    "F.sum(net(np.ones((2, 4)), lambda: True)).backward()\n"
    "[name for name in ('trunk', 'left', 'head') if getattr(net, name).W.grad is not None]",
    gives=["trunk", "left", "head"],
)
def test_gradients(student, rng):
    """On the path taken every parameter has its gradient, and so has x.

    Hint: nothing between x and the logits may leave the graph: no .array, no no_backprop_mode.
    """
    net, weights = known_net(student, rng)
    x, g = rng.normal(size=(3, 4)), rng.normal(size=(2, 3, 3))
    leaf = student.run(parameter, x)
    net.cleargrads()
    results = [net(leaf, COINS[heads]) for heads in (True, False)]  # both of them before the first way back
    for y, upstream in zip(results, g, strict=True):
        y.grad = upstream
        y.backward()
    net(x, COINS[False])  # a call by itself leaves the gradients as they are
    got = {**value(student.run(gradients_by_name, net)), "x": leaf.grad}

    expected = [np.zeros(array.shape) for array in (x, *weights.values())]
    for heads, upstream in zip((True, False), g, strict=True):

        def answer(x, *arrays, heads=heads):
            return logits(dict(zip(weights, arrays, strict=True)), x, heads)

        for total, part in zip(expected, numeric_gradients(answer, [x, *weights.values()], upstream), strict=True):
            total += part
    for name, gradient in zip(("x", *weights), expected, strict=True):
        what = f"the gradient of {name}, of a call with heads and one with tails"
        assert_close(got[name], gradient, what=what, rtol=1e-5, atol=5e-7)


@pytest.mark.points(1)
@pytest.mark.example(
    "net = BranchingNet(hidden=5)\n"
    "net.cleargrads()\n"
    "with chainer.function_hooks.TimerHook() as hook:\n"
    "    F.sum(net(np.ones((2, 4)), lambda: False)).backward()\n"
    "relu = any(name == 'ReLU' for name, _ in hook.call_history)\n"
    "{'left': net.left.W.grad is not None, 'right': net.right.W.grad is not None, 'relu computed': relu}",
    gives={"left": False, "right": True, "relu computed": False},
)
def test_only_the_path(student, rng):
    """The branch not taken is neither computed nor in the graph: its parameters have no gradient, not even zeros.

    Hint: `if coin():` decides what is computed. Computing both and choosing afterwards may record both.
    """
    net, _ = known_net(student, rng)
    x, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 3))
    for heads in (True, False):
        got = backward(student, net, x, heads, g)
        for kind in ("W", "b"):
            name = f"/{BRANCHES[not heads]}/{kind}"
            check(got.get(name, g) is None, f"{name} must have the gradient None", got=got.get(name))
        check(got[f"/{BRANCHES[heads]}/W"] is not None, "the branch that was taken must have a gradient")
        read = value(student.run(parameters_read, net, x, COINS[heads]))
        others = [name for name in read if name not in on_path(heads)]
        check(not others, "the branch not taken must not be computed, in training or not, recorded or not", got=others)
