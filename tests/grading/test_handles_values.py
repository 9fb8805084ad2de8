"""Is the value behind an object data, of every framework, and never what an object pretends?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import keep, type_name, value
from autograder.grading.handles import Handle
from autograder.grading.limits import Limit
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail.inside.values import Reference, TensorData

# the values behind objects


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Number([1.0, 2.0])", [1.0, 2.0]),
        ("Number(Number(Number(3)))", 3),
        ("type('F', (float,), {})(1.5)", 1.5),
        ("type('S', (str,), {})('abc')", "abc"),
        ("type('L', (list,), {})([Number(1), 2])", [1, 2]),
        ("type('D', (dict,), {})(a=Number(1))", {"a": 1}),
        ("np.matrix([[1, 2]])", [[1, 2]]),
    ],
)
def test_value_is_the_data_behind(student: Student, expression: str, expected: object) -> None:
    student.define(f"def make(): return {expression}")
    got = value(student.make())
    assert (got.tolist() if isinstance(got, np.ndarray) else got) == expected


@pytest.mark.parametrize("expression", ["Symbol('x')", "np.array([None])", "{1, 2}", "print", "Number(Number)"])
def test_value_of_what_is_no_data_fails_the_check(student: Student, expression: str) -> None:
    student.define(f"def make(): return {expression}")
    with pytest.raises(CheckFailed, match=r"data was expected|numbers were expected"):
        value(student.make())


def test_value_of_a_base_type_is_not_up_to_the_subclass(student: Student) -> None:
    student.define("""
class Chameleon(float):
    def __float__(self): return 99.0
    __pos__ = __index__ = __add__ = __float__
    @property
    def real(self): return 99.0
    def __eq__(self, other): return True
""")
    assert value(student.Chameleon(1.0)) == 1.0


def test_numpy_takes_a_handles_numbers(student: Student) -> None:
    np.testing.assert_array_equal(np.asarray(student.Number([1.0, 2.0])), [1.0, 2.0])


# frameworks


def test_tensors_cross_as_data_both_ways(session: Session, student: Student) -> None:
    session.channel.limit(Limit(60, 120))
    student.define("import torch")
    for dtype in ("float32", "float64", "bfloat16", "int64", "bool"):
        tensor = student.torch.ones(2, 3, dtype=getattr(student.torch, dtype))
        assert isinstance(tensor, TensorData)
        assert (tensor.framework, tensor.dtype, tensor.device) == ("torch", dtype, "cpu")
        assert student.kind(tensor) == "Tensor"
        assert student.identity(tensor).dtype == dtype
        np.testing.assert_array_equal(value(tensor), np.ones((2, 3)))
    parameter = student.torch.nn.Parameter(student.torch.zeros(2))
    assert type_name(parameter) == "Parameter"
    np.testing.assert_array_equal(value(parameter), [0, 0])
    assert type_name(keep(student.torch.zeros)(2)) == "Tensor"


@pytest.mark.slow
def test_tensorflow_tensors_cross_as_data_both_ways(session: Session, student: Student) -> None:
    session.channel.limit(Limit(60, 120))
    student.define("import tensorflow as tf")
    for dtype in ("float32", "bfloat16", "int32", "bool"):
        tensor = student.tf.ones((2, 3), dtype)
        assert isinstance(tensor, TensorData)
        assert (tensor.framework, tensor.dtype) == ("tensorflow", dtype)
        assert student.identity(tensor).dtype == dtype
        np.testing.assert_array_equal(value(tensor), np.ones((2, 3)))
    np.testing.assert_array_equal(value(student.tf.Variable([1.0, 2.0])), [1, 2])


def test_a_forged_reference_ends_as_data_or_error(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that answers `value` with references for ever does not drive us into a recursion."""
    answer = Handle(student._session, Reference(1, "x"))
    monkeypatch.setattr(student._session.channel, "request", lambda *a, **k: answer)
    with pytest.raises(StudentError, match="data was expected"):
        np.asarray(answer)
    with pytest.raises(CheckFailed, match="data was expected"):
        value(answer)
