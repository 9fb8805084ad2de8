"""Hidden tests of task 2: logits, log-probabilities and losses, compared with numpy."""

import numpy as np
import pytest

from autograder.graders.cnn_layers import oracles
from autograder.grading import as_numbers, assert_close, check


@pytest.mark.points(1)
@pytest.mark.example(
    "z = np.log([[1.0, 3.0], [2.0, 2.0]])\np = np.exp(log_softmax(z))\n{'p': p, 'exp(z) afterwards': np.exp(z)}",
    gives={"p": [[0.25, 0.75], [0.5, 0.5]], "exp(z) afterwards": [[1.0, 3.0], [2.0, 2.0]]},
)
def test_log_softmax(student, rng):
    """log_softmax gives the logarithms of the probabilities of each sample, and leaves the logits as they are.

    Hint: each row is a sample: sum over axis 1, and keep the axis.
    """
    z = rng.normal(size=(4, 4)) * 2
    assert_close(student.log_softmax(z), oracles.log_softmax(z), what="log_softmax(z)")
    kept = student.run(logits_kept, student.log_softmax, z)
    check(kept is True, "the logits must not be changed")


@oracles.probe
def logits_kept(log_softmax, z):
    import numpy as np

    z = np.array(z)
    before = z.copy()
    log_softmax(z)
    return bool((z == before).all())


@pytest.mark.points(1)
@pytest.mark.example(
    "log_softmax(np.array([[1000.0, 0.0], [0.0, 0.0]]))",
    gives=[[0.0, -1000.0], [-0.693147, -0.693147]],
)
def test_large_logits(student, rng):
    """Logits such as 100, 0, -100 or 10,000 give finite and right logarithms.

    Hint: exp(1000) overflows, exp(-1000) is 0. Subtract each row's largest logit first: the
    probabilities stay the same.
    """
    z = np.array([[100.0, 0.0, -100.0], [10_000.0, -10_000.0, 9_999.0], [-900.0, -1000.0, -950.0]])
    z = z[:, rng.permutation(3)]
    assert_close(student.log_softmax(z), oracles.log_softmax(z), what="log_softmax of large logits")


@pytest.mark.points(0.5)
@pytest.mark.example("nll(np.log([[0.25, 0.75], [0.75, 0.25]]), np.array([0, 1]))", gives=1.386294)
def test_nll(student, rng):
    """nll is minus the logarithm of the right class's probability, taken from log-probabilities.

    Hint: log_p[np.arange(n), y] takes one number from each row. They are logarithms already.
    """
    log_p, y = oracles.log_softmax(rng.normal(size=(5, 5))), rng.integers(0, 5, size=5)
    y[0], y[1] = 0, 4
    assert_close(student.nll(log_p, y) * 5, -log_p[np.arange(5), y].sum(), what="nll(log_p, y) for 5 samples, times 5")


@pytest.mark.points(1)
@pytest.mark.example(
    "z, y = np.log([[1.0, 3.0]] * 3), np.array([0, 0, 0])\n[cross_entropy(z[:n], y[:n]) for n in (1, 3)]",
    gives=[1.386294, 1.386294],
)
def test_mean_over_samples(student, rng):
    """Both losses are means over the samples, whatever their number.

    Hint: mean(), not sum(); over the samples, not over all n * classes numbers.
    """
    for n in (1, 3, 7):
        z, y = rng.normal(size=(n, 4)), rng.integers(0, 4, size=n)
        loss = float(oracles.cross_entropy(z, y).mean())
        assert_close(student.nll(oracles.log_softmax(z), y), loss, what=f"nll of {n} samples")
        assert_close(student.cross_entropy(z, y), loss, what=f"cross_entropy of {n} samples")


@pytest.mark.points(0.5)
@pytest.mark.example("cross_entropy(np.array([[1000.0, 0.0], [0.0, 0.0]]), np.array([1, 0]))", gives=500.346574)
def test_cross_entropy_takes_logits(student, rng):
    """cross_entropy takes logits, of any size, and gives their finite cross-entropy.

    Hint: nll(log_softmax(z), y), and nothing in between.
    """
    z = np.array([[100.0, 0.0, -100.0], [1.0, 2.0, 3.0], [2000.0, 0.0, 1.0]])
    y = np.array([2, int(rng.integers(3)), 1])  # far off in the first and the last
    loss = as_numbers(student.cross_entropy(z, y), "cross_entropy(z, y)")
    assert_close(loss, float(oracles.cross_entropy(z, y).mean()), what="cross_entropy(z, y)")
