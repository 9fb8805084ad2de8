"""Hidden tests of task 7: an optimizer by hand. Its steps are compared with steps made here."""

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import roll
from autograder.grading import as_numbers, assert_close, check, probe, same


@probe
def two_parameters(p, q):
    import chainer

    # one is the chain's own. Both are called w: only the whole names, /w and /other/deep/w, tell them apart
    link = chainer.Chain(other=chainer.Chain(deep=chainer.Link()))
    with link.init_scope(), link.other.deep.init_scope():
        link.w, link.other.deep.w = chainer.Parameter(p), chainer.Parameter(q)
    link.p, link.q = link.w, link.other.deep.w
    link.cleargrads()
    return link


@probe
def weighted_sum(link):
    import chainer
    import chainer.functions as F

    def loss(factors=1.0, shift=None):
        loss.calls += 1
        factors = factors if chainer.config.train else -factors  # the loss is called as its caller would call it
        of_p = F.sum(link.p * link.p * factors)
        return of_p if shift is None else of_p + F.sum(link.q * (factors + shift))

    loss.calls = 0
    return loss


@probe
def calls_of(loss):
    return loss.calls


SHAPE = (2, 3)
"""That of both parameters."""


class Walk:
    """A link with two parameters, and an optimizer on it."""

    def __init__(self, student, rng, settings=None, kind="float64", lr=None):
        self.kind = kind
        self.p, self.q = rng.normal(size=(2, *SHAPE)).astype(kind)
        settings = {"momentum": float(rng.uniform(0.5, 0.9))} if settings is None else settings
        self.lr, self.momentum = float(rng.uniform(0.1, 0.5)) if lr is None else lr, settings.get("momentum", 0.9)
        self.link = student.run(two_parameters, self.p, self.q)
        self.made = student.Momentum(self.lr, **settings)
        self.optimizer = self.made.setup(self.link)

    def step(self, p_grad, q_grad):
        """One update with these gradients."""
        self.link.p.grad, self.link.q.grad = p_grad, q_grad
        self.optimizer.update()

    def begin_anew(self, optimizer, p_grad, q_grad):
        """Set up an optimizer, this one or another, on the link, whose parameters one step has moved."""
        self.p = roll(self.p, [p_grad], self.lr, self.momentum)
        self.q = roll(self.q, [q_grad], self.lr, self.momentum)
        self.optimizer = optimizer
        optimizer.setup(self.link)

    def check(self, p_grads, q_grads, where=""):
        """That both parameters are where such steps lead."""
        for name, start, gradients in (("p", self.p, p_grads), ("q", self.q, q_grads)):
            expected = roll(start, list(gradients), self.lr, self.momentum)
            got = getattr(self.link, name).array
            what, rtol = f"parameter {name} after {len(gradients)} steps{where}", {"float32": 1e-5}.get(self.kind, 1e-7)
            assert_close(got, expected, what=what, rtol=rtol)
            came = str(as_numbers(got).dtype)
            check(came == self.kind, f"{what} must have the dtype that it had", got=came)


@pytest.mark.points(1)
@pytest.mark.example(
    "link = L.Linear(1, 1, nobias=True, initialW=np.array([[1.0]]))\n"
    "optimizer = Momentum(lr=0.1, momentum=0.5).setup(link)\n"
    "for _ in range(2):\n"
    "    link.W.grad = np.array([[1.0]])\n"
    "    optimizer.update()\n"
    "link.W.array  # 1 - 0.1 - 0.15",
    gives=[[0.75]],
)
def test_steps(student, rng):
    """Each parameter moves by its velocity: momentum times the last one, minus lr times the gradient.

    Hint: a velocity for each parameter, zero at first, kept from step to step. Ask the parameter for its array in each.
    """
    walk, gradients = Walk(student, rng), rng.normal(size=(2, 4, *SHAPE))
    check(same(walk.optimizer, walk.made), "setup must return the optimizer itself, not another one")
    for pair in zip(*gradients, strict=True):
        walk.step(*pair)
    walk.check(*gradients)
    extreme = np.array([[np.nan, 1e6, -1e6]] * 2)
    for settings, kind, lr, where in (
        ({}, "float64", None, ", with the momentum by default"),
        ({"momentum": 0.0}, "float32", None, ", with a momentum of zero, in float32"),
        ({"momentum": 0.5}, "float64", 0.0, ", with a learning rate of zero"),
    ):
        walk = Walk(student, rng, settings, kind, lr)
        of_p, of_q = extreme.astype(kind), gradients[0, :2].astype(kind)
        for gradient in of_q:
            walk.step(of_p, gradient)
        walk.check([of_p] * 2, of_q, where)
    walk = Walk(student, rng, {"momentum": 0.0})
    walk.step(*gradients[:, 0])
    walk.link.p.array = walk.p  # put back from a backup: another array
    walk.step(gradients[1, 0], gradients[1, 1])
    expected = roll(walk.p, [gradients[1, 0]], walk.lr, 0.0)
    assert_close(walk.link.p.array, expected, what="parameter p, which was given another array, after the next step")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "link = L.Linear(1, 1, nobias=True, initialW=np.array([[1.0]]))\n"
    "optimizer = Momentum(lr=0.1, momentum=0.5).setup(link)\n"
    "for gradient in (np.array([[1.0]]), None, np.array([[1.0]])):\n"
    "    link.W.grad = gradient\n"
    "    optimizer.update()\n"
    "link.W.array  # 1 - 0.1 - 0 - 0.15",
    gives=[[0.75]],
)
def test_no_gradient_rests(student, rng):
    """A parameter whose gradient is None rests, and its velocity stays for the next step.

    Hint: `if p.grad is not None:`, and both lines below it.
    """
    walk, (a, b, c, d) = Walk(student, rng), rng.normal(size=(4, *SHAPE))
    for pair in ((a, None), (None, b), (c, d)):
        walk.step(*pair)
        for parameter, before in zip((walk.link.p, walk.link.q), pair, strict=True):
            kept = before is not None or parameter.grad is None
            check(kept, "a gradient that is None must be None after the step as well", got=parameter.grad)
    walk.check([a, None, c], [None, b, d])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "link = L.Linear(1, 1, nobias=True, initialW=np.array([[1.0]]))\n"
    "optimizer = Momentum(lr=0.1, momentum=0.5).setup(link)\n"
    "for gradient in (1.0, 0.0):\n"
    "    link.W.grad = np.array([[gradient]])\n"
    "    optimizer.update()\n"
    "link.W.array  # 1 - 0.1 - 0.05",
    gives=[[0.85]],
)
def test_zero_gradient_rolls_on(student, rng):
    """A parameter whose gradient is zero rolls on.

    Hint: None and zero are not the same; do not ask whether the gradient is zero.
    """
    walk, (a, b) = Walk(student, rng, {"momentum": 1.0}), rng.normal(size=(2, *SHAPE))
    walk.step(a, b)
    walk.step(0 * a, 0 * b)
    walk.check([a, 0 * a], [b, 0 * b])


@pytest.mark.points(1)
@pytest.mark.example(
    "link, calls = chainer.Link(), []\n"
    "with link.init_scope():\n"
    "    link.p, link.q = (chainer.Parameter(np.array([1.0])) for _ in range(2))\n"
    "optimizer = Momentum(lr=0.1, momentum=0.5).setup(link)\n"
    "def loss(used):\n"
    "    calls.append('one')\n"
    "    return F.sum(2.0 * used)\n"
    "link.p.grad = np.array([100.0])  # from before\n"
    "optimizer.update(loss, link.p)\n"
    "optimizer.update(loss, link.q)  # p rests\n"
    "[link.p.array.item(), link.q.array.item(), len(calls)]",
    gives=[0.8, 0.8, 2],
)
def test_loss_function(student, rng):
    """With a loss function, update forgets old gradients, computes the loss once, goes back and steps.

    Hint: cleargrads, lossfun(*args).backward(), and then the step of update(). With zeros in place of None, a parameter
    that the loss does not use would roll on.
    """
    walk, (factors, shift, old) = Walk(student, rng), rng.normal(size=(3, *SHAPE))
    loss = student.run(weighted_sum, walk.link)
    walk.link.p.grad, walk.link.q.grad = old, old
    p, p_grads = walk.p, []
    # the last three losses do not use q; one of them uses p, with a gradient of zero, and one has no arguments
    for given in ((factors, shift), (factors, shift), (factors, None), (0 * factors,), ()):
        walk.optimizer.update(loss, *given)
        p_grads.append(2 * (given[0] if given else 1.0) * p)
        assert_close(walk.link.p.grad, p_grads[-1], what="the gradient of p after update with a loss function")
        p = roll(walk.p, p_grads, walk.lr, walk.momentum)
    walk.check(p_grads, [factors + shift, factors + shift, None, None, None])
    count = student.run(calls_of, loss)
    check(count == 5, "five updates must call the loss function five times", got=count)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "optimizer, links = Momentum(lr=0.1, momentum=0.5), []\n"
    "for _ in range(2):\n"
    "    links.append(L.Linear(1, 1, nobias=True, initialW=np.array([[1.0]])))\n"
    "    optimizer.setup(links[-1])\n"
    "    links[-1].W.grad = np.array([[1.0]])\n"
    "    optimizer.update()\n"
    "[link.W.array.item() for link in links]",
    gives=[0.9, 0.9],
)
def test_velocities_are_separate(student, rng):
    """Two optimizers have velocities of their own, and setup begins anew.

    Hint: make the dict of velocities in setup, not in the class.
    """
    one, other = Walk(student, rng), Walk(student, rng)
    a, b, c, d = rng.normal(size=(4, *SHAPE))
    one.step(a, b)
    other.step(c, d)
    one.step(c, d)
    one.check([a, c], [b, d])
    other.check([c], [d])
    old, fresh = one.link, student.run(two_parameters, one.p, one.q)
    one.optimizer.setup(fresh)
    one.link = fresh
    one.step(a, b)
    one.check([a], [b])
    one.link = old
    one.check([a, c], [b, d], ", and one more of the optimizer with another link")
    one.link, last = fresh, (a, b)
    for optimizer in (one.optimizer, student.Momentum(one.lr, momentum=one.momentum)):
        fresh.p.grad, fresh.q.grad = c, d
        one.begin_anew(optimizer, *last)
        last = c, d
        optimizer.update()
        one.check([c], [d], ", the first since the link was set up once more")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "link = L.Linear(1, 1, nobias=True, initialW=np.array([[1.0]]))\n"
    "optimizer = Momentum(lr=0.1, momentum=0.5).setup(link)\n"
    "link.W.grad = np.array([[1.0]])\n"
    "for _ in range(2):\n"
    "    optimizer.update()\n"
    "[link.W.grad.item(), link.W.array.item()]",
    gives=[1.0, 0.75],
)
def test_gradients_are_not_changed(student, rng):
    """update leaves the gradients as they are: three updates from the same gradients are three such steps.

    Hint: v = mu * v - lr * g makes a new array. A velocity that is p.grad itself changes when it does.
    """
    walk, (a, b) = Walk(student, rng), rng.normal(size=(2, *SHAPE))
    walk.step(a, b)
    for _ in range(2):
        walk.optimizer.update()
    assert_close(walk.link.p.grad, a, what="the gradient of p after three updates")
    assert_close(walk.link.q.grad, b, what="the gradient of q after three updates")
    walk.check([a] * 3, [b] * 3)
