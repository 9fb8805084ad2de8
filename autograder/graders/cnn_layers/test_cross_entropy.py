"""Hidden tests of task 2: logits, log-probabilities and losses, compared with numpy."""

import numpy as np
import pytest

from autograder.graders.cnn_layers import oracles
from autograder.grading import as_numbers, assert_close, check

LARGE = np.array(
    [
        [100.0, 0.0, -100.0],
        [10_000.0, -10_000.0, 9_999.0],
        [-900.0, -1000.0, -950.0],
        [1e300, 0.0, -1e300],
        [10_000.0, -10_000.0, 10_000.0],  # two share the probability
    ]
)


@pytest.mark.points(1)
@pytest.mark.example(
    "z, large = np.log([[1.0, 3.0], [2.0, 2.0]]), np.array([[1000.0, 0.0]])\n"
    "log_p, _ = log_softmax(z), log_softmax(large)\n"
    "found = {'p': np.exp(log_p), 'an ndarray': isinstance(log_p, np.ndarray)}\n"
    "found | {'exp(z) afterwards': np.exp(z), 'large afterwards': large}",
    gives={
        "p": [[0.25, 0.75], [0.5, 0.5]],
        "an ndarray": True,
        "exp(z) afterwards": [[1.0, 3.0], [2.0, 2.0]],
        "large afterwards": [[1000.0, 0.0]],
    },
)
def test_log_softmax(student, rng):
    """log_softmax gives the logarithms of each sample's probabilities, an ndarray, and leaves the logits as they are.

    Hint: each row is a sample: sum over axis 1, and keep the axis. z - m is a new array, z -= m changes z itself.
    """
    z = rng.normal(size=(4, 4)) * 2
    got = student.log_softmax(z)
    assert_close(got, oracles.log_softmax(z), what="log_softmax(z)")
    check(isinstance(got, np.ndarray), "log_softmax(z) must be an ndarray, not a list or a tensor", got=got)
    got = student.log_softmax(np.array([[3.0]]))
    assert_close(got, [[0.0]], what="log_softmax([[3.0]]), of one sample with one class,")
    kept, results = student.run(logits_kept, student.log_softmax, [z, LARGE, -z])
    check(kept[0] is True, "the logits must not be changed")
    check(kept[1] is True, "large logits must not be changed either")
    check(results is True, "what came back must not be changed by a later call, for other logits of the same shape")


@oracles.probe
def logits_kept(log_softmax, each):
    """Whether each of these is afterwards what it was before, and at the end each result what it was when it came."""
    import numpy as np

    kept, results = [], []
    for z in each:
        z = np.array(z)
        before, result = z.copy(), log_softmax(z)
        results.append((result, np.array(result)))
        kept.append(bool((z == before).all()))
    return kept, all(np.array_equal(result, then, equal_nan=True) for result, then in results)


@pytest.mark.points(1)
@pytest.mark.example(
    "log_softmax(np.array([[1000.0, 0.0], [1000.0, 1000.0]]))",
    gives=[[0.0, -1000.0], [-0.693147, -0.693147]],
)
def test_large_logits(student, rng):
    """Logits such as 100, 0, -100 or 10,000 give finite and right logarithms.

    Hint: exp(1000) overflows, exp(-1000) is 0. Subtract each row's largest logit first: the
    probabilities stay the same.
    """
    z = LARGE[:, rng.permutation(3)]
    assert_close(student.log_softmax(z), oracles.log_softmax(z), what="log_softmax of large logits")
    z = np.array([[-900.0, -1000.0, -950.0], [-20_000.0, -10_000.0, -10_000.0]])
    got = student.log_softmax(z)
    assert_close(got, oracles.log_softmax(z), what="log_softmax of logits that all lie far below zero")
    z = np.array([[100, 0, -100], [0, 0, 100]], dtype=np.float32)  # exp(100) is more than float32 can hold
    what = "log_softmax([[100, 0, -100], [0, 0, 100]]) in float32"
    assert_close(student.log_softmax(z), oracles.log_softmax(z), what=what, rtol=1e-5, atol=1e-5)


@pytest.mark.points(0.5)
@pytest.mark.example("nll(np.log([[0.25, 0.75], [0.75, 0.25]]), np.array([0, 1]))", gives=1.386294)
def test_nll(student, rng):
    """nll is minus the logarithm of the right class's probability, also where another class has the probability 0.

    Hint: log_p[np.arange(n), y] takes one number from each row. They are logarithms already, however far below zero;
    0 times -inf is no number.
    """
    z, y = rng.normal(size=(5, 5)), rng.integers(0, 5, size=5)
    y[0], y[1] = 0, 4
    z[2, y[2]] = -1e30  # beside this the other samples do not count: they do below
    log_p = oracles.log_softmax(z)
    what = "nll(log_p, y) for 5 samples, one of which has a logarithm far below zero, times 5"
    assert_close(student.nll(log_p, y) * 5, -log_p[np.arange(5), y].sum(), what=what)
    z[2, y[2]] = -1000
    z[0, 1], z[1, 0] = -np.inf, -np.inf
    log_p = oracles.log_softmax(z)
    what = "nll with probabilities of 0, times 5"
    assert_close(student.nll(log_p, y) * 5, -log_p[np.arange(5), y].sum(), what=what)


@pytest.mark.points(1)
@pytest.mark.example(
    "z, y = np.log([[1.0, 3.0]] * 3), np.array([0, 0, 0])\n"
    "losses = [cross_entropy(z[:n], y[:n]) for n in (1, 3)] + [nll(log_softmax(z), y)]\n"
    "{'losses': losses, 'floats': all(isinstance(loss, (float, np.floating)) for loss in losses)}",
    gives={"losses": [1.386294, 1.386294, 1.386294], "floats": True},
)
def test_mean_over_samples(student, rng):
    """Both losses are means over the samples, whatever their number; each is a float.

    Hint: mean(), not sum(); over the samples, not over all n * classes numbers.
    """
    for n, classes in ((1, 4), (3, 4), (7, 4), (2, 1000)):
        z, y = rng.normal(size=(n, classes)), rng.integers(0, classes, size=n)
        loss = float(oracles.cross_entropy(z, y).mean())
        found = {"nll": student.nll(oracles.log_softmax(z), y), "cross_entropy": student.cross_entropy(z, y)}
        for name, got in found.items():
            assert_close(got, loss, what=f"{name} of {n} samples and {classes} classes")
            check(isinstance(got, float | np.floating), f"{name} must give a float, not an array or a tensor", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "[cross_entropy(np.array([z]), np.array([1])) for z in ([1000.0, 0.0], [1000.0, 1000.0])]",
    gives=[1000.0, 0.693147],
)
def test_cross_entropy_takes_logits(student, rng):
    """cross_entropy takes logits, of any size, and gives their finite cross-entropy.

    Hint: nll(log_softmax(z), y), and nothing in between: no probability, and no bound.
    """
    z = np.array([[1e30, 0.0, -1e30], [1.0, 2.0, 3.0], [1e30, 0.0, 1.0]])
    y = np.array([2, int(rng.integers(3)), 1])  # far off in the first and the last
    loss = as_numbers(student.cross_entropy(z, y), "cross_entropy(z, y)")
    assert_close(loss, float(oracles.cross_entropy(z, y).mean()), what="cross_entropy(z, y)")
    z[0], y[0] = [10_000.0, 0.0, 10_000.0], 2  # the right class shares the probability with another one
    loss = as_numbers(student.cross_entropy(z[:2], y[:2]), "cross_entropy(z, y)")
    what = "cross_entropy(z, y) where the largest logits of a sample are large and equal"
    assert_close(loss, float(oracles.cross_entropy(z[:2], y[:2]).mean()), what=what)
    z, y = np.array([[-900.0, -1000.0, -950.0]]), y[1:2]
    loss = as_numbers(student.cross_entropy(z, y), "cross_entropy(z, y)")
    what = "cross_entropy(z, y) of logits that all lie far below zero"
    assert_close(loss, float(oracles.cross_entropy(z, y).mean()), what=what)
