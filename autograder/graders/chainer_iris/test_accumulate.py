"""Hidden tests of task 3: gradients that add up, and what a parameter that was not used is left with."""

from functools import partial

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import gradients_by_name, listed
from autograder.graders.oracles import numeric_gradients
from autograder.grading import assert_close, check, probe

USED = ("/used/W", "/used/b", "/once/W", "/late", "/shift", "/inner/deep/slide")
BY_ONE = {"/once/W": ", which the first batch uses,", "/late": ", which the last batch uses,"}
IDLE = {"/idle/W": (2, 3), "/idle/b": 2, "/spare": 3, "/inner/deep/spare": 3}
"""The parameters that no loss uses, and their shapes."""


@probe
def used_and_idle(weight, bias, once, late, shift, slide):
    import chainer
    import chainer.functions as F
    import chainer.links as L
    import numpy as np

    with chainer.using_config("dtype", weight.dtype):
        used = L.Linear(*weight.shape[::-1], initialW=weight, initial_bias=bias)
        link = chainer.Chain(
            used=used,
            once=L.Linear(3, 2, nobias=True, initialW=once),
            asleep=L.Linear(3, 2, initial_bias=-1000.0),
            idle=L.Linear(3, 2),
            inner=chainer.Chain(deep=chainer.Link()),
        )
    deep = link.inner.deep
    with link.init_scope(), deep.init_scope():
        # Chainer gives both summands of shift + slide the very same array
        link.shift, deep.slide, link.late = (chainer.Parameter(array) for array in (shift, slide, late))
        link.spare, deep.spare = (chainer.Parameter(np.ones(3, dtype=kind)) for kind in ("float32", "float64"))

    def loss(x, factors=1.0):
        loss.seen.append([type(x).__name__, len(x)])
        x = x if chainer.config.train else -x  # the loss is called as its caller would call it
        y = F.tanh(link.used(x)) * factors + F.relu(link.asleep(x))  # relu gives zeros, and gradients of zero
        moved = F.sum((link.shift + deep.slide) * x)
        if len(x) == 2:  # the last batch, and no other
            moved += F.sum(link.late * x)
        return moved + F.sum(y + link.once(x) if len(x) == 4 else y)  # used by the first batch, and by no other

    loss.seen = []
    return [link, loss]


@probe
def leave_old_gradients(link, old):
    for p in link.params():
        p.grad = None if old is None else p.array * 0 + old


@probe
def before_and_after(accumulate, link, loss, batches):
    """The sum for the same objects twice, with other weights in between, and then with the first batch there twice."""
    before = accumulate(link, loss, batches)
    link.used.W.array *= -1
    return [before, accumulate(link, loss, batches), accumulate(link, loss, batches + batches[:1])]


@probe
def batches_seen(loss):
    return loss.seen


class Problem:
    """A link and a loss in the student's process, and what they are here."""

    def __init__(self, student, rng):
        self.student = student
        self.weights = [rng.normal(size=shape) for shape in ((2, 3), 2, (2, 3), 3, 3, 3)]
        self.batches = [(rng.normal(size=(n, 3)), rng.normal(size=(n, 2))) for n in (4, 1)]
        self.batches.append((rng.normal(size=(2, 3)),))  # a batch may have any number of arrays
        self.link, self.loss = student.run(used_and_idle, *self.weights)

    def total(self, *weights, batches=None):
        """The sum of the losses."""
        return sum(self.of_one(batch, *weights) for batch in batches or self.batches)

    def of_one(self, batch, weight, bias, once, late, shift, slide):
        """The loss of one batch."""
        x, *factors = batch
        used = np.sum(np.tanh(x @ weight.T + bias) * (factors[0] if factors else 1.0)) + np.sum((shift + slide) * x)
        return used + {4: np.sum(x @ once.T), 2: np.sum(late * x)}.get(len(x), 0.0)

    def gradients(self):
        """The gradients that the parameters are left with, by name."""
        return self.student.run(gradients_by_name, self.link)

    def check_used(self, batches=None):
        """That the used parameters have the gradient of the sum, also where it is zero; all gradients, by name."""
        got, total = self.gradients(), partial(self.total, batches=batches)
        expected = numeric_gradients(total, self.weights, np.ones(()))
        asleep = [("/asleep/W", np.zeros((2, 3))), ("/asleep/b", np.zeros(2))]
        for name, gradient in (*zip(USED, expected, strict=True), *asleep):
            what = f"the gradient of {name}{BY_ONE.get(name, '')}"
            assert_close(got[name], gradient, what=what, rtol=1e-5, atol=1e-7)
        return got


@pytest.mark.points(1)
@pytest.mark.example(
    "line = L.Linear(1, 1, initialW=np.array([[2.0]]))\n"
    "batches = [(np.array([[3.0]]),), (np.array([[4.0]]),)]\n"
    "accumulate(line, lambda data: F.sum(line(data)), batches)\n"
    "[line.W.grad.item(), line.b.grad.item()]",
    gives=[7.0, 2.0],
)
def test_sum_over_batches(student, rng):
    """In a new link, the gradients are afterwards those of the sum of all losses.

    Hint: a new parameter's gradient is NaN: clear once, before the first batch, and never in between.
    """
    problem = Problem(student, rng)
    student.accumulate(problem.link, problem.loss, problem.batches)
    problem.check_used()


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line = L.Linear(1, 1, initialW=np.array([[2.0]]))\n"
    "batches = [(np.array([[3.0]]),), (np.array([[4.0]]),)]\n"
    "line.W.grad, line.b.grad = np.array([[100.0]]), np.array([100.0])  # from before\n"
    "accumulate(line, lambda data: F.sum(line(data)), batches)\n"
    "[line.W.grad.item(), line.b.grad.item()]",
    gives=[7.0, 2.0],
)
def test_old_gradients_are_forgotten(student, rng):
    """Gradients from before have no influence.

    Hint: cleargrads() of the link, or zerograds(), at the beginning.
    """
    problem = Problem(student, rng)
    student.run(leave_old_gradients, problem.link, 1e30)  # too large to be subtracted afterwards
    student.accumulate(problem.link, problem.loss, problem.batches)
    problem.check_used()


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pair = chainer.Chain(used=L.Linear(1, 1), idle=L.Linear(1, 1))\n"
    "pair.idle.W.grad = np.array([[100.0]])  # from before\n"
    "accumulate(pair, lambda data: F.sum(pair.used(data)), [(np.array([[3.0]]),)])\n"
    "pair.idle.W.grad is None",
    gives=True,
)
def test_unused_has_none(student, rng):
    """A parameter that no loss has used is left with None, unless zeros were asked for.

    Hint: link.cleargrads().
    """
    problem = Problem(student, rng)
    for old in (np.nan, 7.0, None):
        student.run(leave_old_gradients, problem.link, old)
        student.accumulate(problem.link, problem.loss, problem.batches)
        got = problem.gradients()
        for name in IDLE:
            none = got[name] is None
            check(none, f"the gradient of {name}, which was not used, must be None, after {old}", got=got[name])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pair = chainer.Chain(used=L.Linear(1, 1), idle=L.Linear(1, 1))\n"
    "pair.idle.W.grad = np.array([[100.0]])  # from before\n"
    "accumulate(pair, lambda data: F.sum(pair.used(data)), [(np.array([[3.0]]),)], zeros=True)\n"
    "pair.idle.W.grad",
    gives=[[0.0]],
)
def test_unused_has_zeros(student, rng):
    """With zeros=True, a parameter that no loss has used is left with zeros; the others have their gradients.

    Hint: link.zerograds(), before the first batch.
    """
    problem = Problem(student, rng)
    # the first batch alone does not use what the last one uses
    for old, batches in ((None, problem.batches), (7.0, problem.batches[:1]), (np.nan, problem.batches)):
        student.run(leave_old_gradients, problem.link, old)
        student.accumulate(problem.link, problem.loss, batches, zeros=True)
        got = problem.check_used(batches)
        for name, shape in IDLE.items():
            assert_close(got[name], np.zeros(shape), what=f"the gradient of {name}, which was not used (before: {old})")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line = L.Linear(1, 1, initialW=np.array([[2.0]]))\n"
    "batches = [(np.array([[3.0]]),), (np.array([[4.0]]),)]\n"
    "total = accumulate(line, lambda data: F.sum(line(data)), batches)\n"
    "{'total': total, 'a Variable': isinstance(total, Variable)}",
    gives={"total": 14.0, "a Variable": False},
)
def test_total(student, rng):
    """What comes back is the sum of the losses, as a number.

    Hint: add up float(value.array).
    """
    problem = Problem(student, rng)
    got = student.run(before_and_after, student.accumulate, problem.link, problem.loss, problem.batches)
    got, later, more = listed(got, 3, "the sums of three calls")
    check(isinstance(got, int | float | np.generic), "the sum must be a number, not a Variable", got=got)
    assert_close(got, problem.total(*problem.weights), what="the sum of the losses", rtol=1e-12, atol=1e-12)
    weight, *others = problem.weights
    total, first = problem.total(-weight, *others), problem.of_one(problem.batches[0], -weight, *others)
    assert_close(later, total, what="the sum of the losses after W has changed its sign")
    assert_close(more, total + first, what="the sum of the losses with the first batch there twice")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "line = L.Linear(1, 1, initialW=np.array([[2.0]]))\n"
    "batches = [(np.array([[3.0]]),), (np.array([[4.0]]),)]\n"
    "seen = []\n"
    "def loss(data):\n"
    "    seen.append(data.item())\n"
    "    return F.sum(line(data))\n"
    "accumulate(line, loss, batches)\n"
    "seen",
    gives=[3.0, 4.0],
)
def test_each_batch_once(student, rng):
    """The loss is called once for each batch, in their order.

    Hint: keep its value; do not call it again for the sum.
    """
    problem = Problem(student, rng)
    student.accumulate(problem.link, problem.loss, problem.batches)
    got = listed(student.run(batches_seen, problem.loss), 3, "the calls of the loss")
    expected = [["ndarray", 4], ["ndarray", 1], ["ndarray", 2]]
    check(got == expected, "the loss must get the arrays of each batch as they are, in their order", got=got)
