"""Does the wall work in Chainer's environment, where numpy is older than here? Skipped where it is not built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.environments import find_environment
from autograder.errors import CheckFailed, StudentError
from autograder.grading import probe, same, type_name, value
from autograder.grading.limits import Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail.lane import lane_for
from tests.support.builders import code, notebook
from tests.support.conditions import HOUR

CHAINER = find_environment("chainer")
pytestmark = pytest.mark.skipif(not CHAINER.is_built(), reason=CHAINER.lacking())

SOURCE = """
import sys
import numpy as np
import chainer
import chainer.functions as F
import chainer.links as L
import matplotlib.pyplot as plt
from sklearn.datasets import load_iris

def identity(x):
    return x

def about():
    loaded = [name for name in ("torch", "tensorflow", "keras", "autograder.grading") if name in sys.modules]
    return [np.__version__, chainer.__version__, chainer.functions.__name__, loaded, load_iris().data.shape]

class Net(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.first = L.Linear(3, 2)
            self.lazy = L.Linear(None, 2)

    def forward(self, x):
        return F.sum(self.first(x) ** 2)

def as_variable(x):
    return chainer.Variable(x)

def wrong():
    return F.matmul(np.ones((2, 3), "f"), np.ones((2, 3), "f"))

plt.plot([1, 2])
plt.show()
"""
VALUES = [
    None, True, 3, -(1 << 70), 2.5, 1 + 2j, "text", b"bytes", b"long" * 30_000, slice(1, None, 2), ...,
    [1, (2.0, {"a": [None]})], {1: "one", (1, 2): "pair"},
]  # fmt: skip
ARRAYS = [
    *(np.arange(6).reshape(2, 3).astype(name) for name in ("bool", "int8", "uint64", "float16", "complex128")),
    np.array(7.0), np.empty((0, 3)), np.array(["a", "long"]), np.float32(1.5), np.int64(3), np.bool_(True),
    np.arange(4, dtype=">f8"), np.ones((3, 4))[::2, ::-1],
]  # fmt: skip


@pytest.fixture(scope="module")
def student_run() -> Iterator[NotebookRun]:
    lane = lane_for("preferred", environment=CHAINER)
    run = NotebookRun(notebook(code(SOURCE)), lane.kernels, None, Limits(submission=HOUR))
    run.run_to(0)
    yield run
    run.close()


@pytest.fixture
def student(student_run: NotebookRun) -> Student:
    session: Session = student_run.session()
    session.begin_test(Limit(5, 30), seed=0)
    return Student(session)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_it_is_the_environment_and_nothing_else(student: Student, student_run: NotebookRun) -> None:
    version, chainer, functions, loaded, shape = student.about()
    assert tuple(map(int, version.split(".")[:2])) < (1, 24)
    assert (chainer, functions, loaded, shape) == ("7.8.1", "chainer.functions", [], (150, 4))
    assert ["image/png" in output.data for output in student_run.notebook.cells[0].outputs] == [True]


@pytest.mark.parametrize("given", VALUES, ids=lambda given: type(given).__name__)
def test_data_crosses_both_ways(student: Student, given: Any) -> None:
    assert student.identity(given) == given


@pytest.mark.parametrize("given", ARRAYS, ids=lambda given: f"{given.dtype}-{given.shape}")
def test_arrays_cross_both_ways(student: Student, given: Any) -> None:
    """From numpy 2 to numpy 1 and back: dtype, shape and values."""
    got = student.identity(given)
    assert type(got) is type(given)
    assert (got.dtype.newbyteorder("="), got.shape) == (given.dtype.newbyteorder("="), given.shape)
    np.testing.assert_array_equal(got, given)


def test_the_array_of_a_variable_crosses_as_its_value(student: Student, rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3))
    variable = student.as_variable(x)
    assert type_name(variable) == "Variable"
    np.testing.assert_array_equal(value(variable), x)
    np.testing.assert_array_equal(value(x + variable * 2), 3 * x)
    np.testing.assert_array_equal(value(variable[0]), x[0])
    assert same(student.identity(variable), variable)


def test_gradients_and_parameters_cross_too(student: Student, rng: np.random.Generator) -> None:
    """A gradient is data, a parameter an object with data, and one without is neither."""
    net = student.Net()
    x = rng.normal(size=(4, 3)).astype("float32")
    net.cleargrads()  # they are not a number until somebody says so
    loss = net(student.as_variable(x))
    loss.backward()
    weight, bias = value(net.first.W), value(net.first.b)
    assert type_name(net.first.W) == "Parameter"
    np.testing.assert_allclose(net.first.W.grad, 2 * (x @ weight.T + bias).T @ x, rtol=1e-4, atol=1e-5)
    assert value(loss).shape == ()
    with pytest.raises(CheckFailed, match="a Parameter came where data was expected"):
        value(net.lazy.W)


@probe
def trained(net, x):  # type: ignore[no-untyped-def]
    import chainer

    optimizer = chainer.optimizers.SGD(lr=0.1).setup(net)
    with chainer.using_config("train", True):
        optimizer.update(net, x)
    return [name for name, _ in sorted(net.namedparams())]


def test_a_probe_runs_beside_it(student: Student) -> None:
    assert student.run(trained, student.Net(), np.ones((1, 3), "f")) == ["/first/W", "/first/b", "/lazy/W", "/lazy/b"]


def test_an_error_does_not_say_where_it_lies(student: Student) -> None:
    with pytest.raises(StudentError) as error:
        student.wrong()
    assert error.value.types[0] == "InvalidType"
    assert "chainer/utils/type_check.py, line" in error.value.traceback
    assert str(CHAINER.folder) not in error.value.message + error.value.traceback


def test_random_numbers_are_the_same_in_every_test(student: Student, student_run: NotebookRun) -> None:
    """Chainer draws from numpy's generator, which is seeded when a test begins."""
    first = value(student.Net().first.W)
    student_run.session().begin_test(Limit(5, 30), seed=0)
    np.testing.assert_array_equal(value(Student(student_run.session()).Net().first.W), first)
