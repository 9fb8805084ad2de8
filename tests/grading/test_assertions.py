"""Do checks hold for right data only, fail for any other, and keep what was expected to themselves?"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from autograder.errors import CheckFailed, StudentCrash, StudentError, StudentTimeout
from autograder.grading import as_numbers, assert_close, check, raises, same, type_name, value
from autograder.jail.inside.values import TensorData

FLOATS = nps.arrays(np.float64, nps.array_shapes(min_dims=0, max_dims=3, min_side=0), elements=st.floats(width=64))


@given(FLOATS)
def test_a_thing_is_close_to_itself(x: np.ndarray[Any, Any]) -> None:
    assert_close(x, x.copy())
    assert_close(x.tolist(), x, shape=x.size > 0)
    assert_close(TensorData("torch", "float64", "cpu", x), x)


@pytest.mark.parametrize(
    "got",
    [
        None,
        "3.0",
        b"3.0",
        [],
        [3.0, [1.0]],
        [None],
        ["3.0"],
        {"a": 3.0},
        3.5,
        math.nan,
        math.inf,
        [3.0],
        [[3.0]],
        np.array("3.0"),
        np.array([3.0, 3.0]),
        3 + 1e-3j,
        1 << 200,
        1.7e308 + 1.7e308j,
        -1.7e308,
        np.float16(65504),
        np.array(0, "u8"),
        slice(3),
        ...,
        True,
    ],
    ids=str,
)
def test_anything_else_fails_and_breaks_nothing(got: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CheckFailed) as caught:
            assert_close(got, 3.0, what="f(x)")
        with pytest.raises(CheckFailed):
            assert_close(got, np.array(1.7e308), rtol=0.1)
    assert "f(x)" in str(caught.value)


def test_the_expected_value_is_never_shown() -> None:
    for got in (1.0, [1.0, 2.0], np.zeros(2), np.zeros(100)):
        with pytest.raises(CheckFailed) as caught:
            assert_close(got, np.full(np.shape(got), 271828.0), hint="think")
        assert "271828" not in str(caught.value)
        assert caught.value.hint == "think"


def test_messages_say_what_is_wrong() -> None:
    for got, expected, says in [
        (
            [1.0, 2.0],
            [1.0, 3.0],
            r"y is wrong at 1 of 2 places, the first at \[1\]; what came back: array\(\[1\., 2\.\]\)",
        ),
        (
            np.arange(12.0).reshape(3, 4),
            np.arange(12.0).reshape(3, 4) * (np.arange(3) < 1)[:, None],
            r"y is wrong at 8 of 12 places, the first at \[1, 0\]; what came back: 4\.0 there, in an array\(shape",
        ),
        (1.0, 2.0, "y is wrong; what came back: 1.0"),
        ([1.0], 1.0, r"y must have shape \(\), but has \(1,\)"),
        ("a", 1.0, "y must be numbers, but came back as 'a'"),
    ]:
        with pytest.raises(CheckFailed, match=says):
            assert_close(got, expected, what="y")
    with pytest.raises(CheckFailed, match="must have 2 elements, but has 3"):
        assert_close([1, 2, 3], [1, 2], shape=False)


def test_shape_can_be_left_open() -> None:
    assert_close([[1, 2]], [1, 2], shape=False)


def test_the_tolerance_is_numpys() -> None:
    assert_close(100.0, 101.0, rtol=0.01)
    with pytest.raises(CheckFailed):
        assert_close(100.0, 101.0, rtol=0.009)
    assert_close(0.0, 1e-10)
    assert_close([math.nan, math.inf], [math.nan, math.inf])
    with pytest.raises(CheckFailed):
        assert_close(math.nan, 0.0)


def test_check_takes_a_truth_value_and_nothing_that_decides_for_itself() -> None:
    class Yes:
        def __bool__(self) -> bool:
            return True

    check(True, "must")
    check(np.bool_(True), "must")
    for condition in (Yes(), 1, "yes", [1], None):
        with pytest.raises(CheckFailed, match="where one truth value was expected"):
            check(condition, "must")
    with pytest.raises(CheckFailed, match="an array came back"):
        check(np.array([True]), "must")
    with pytest.raises(CheckFailed, match=r"^must; what came back: array\(\[1\]\)$") as caught:
        check(False, "must", got=np.array([1]), hint="think")
    assert caught.value.hint == "think"
    with pytest.raises(CheckFailed, match="what came back: None"):
        check(False, "must", got=None)


@pytest.mark.parametrize("error", [StudentTimeout("1 s"), StudentCrash()])
def test_raises_lets_timeouts_and_crashes_through(error: Exception) -> None:
    with pytest.raises(type(error)), raises("TimeoutError", "KernelDied", "Exception"):
        raise error


def test_raises_wants_the_students_exception() -> None:
    with raises("LookupError", "ValueError"):
        raise StudentError(("KeyError", "LookupError"), "x")
    with pytest.raises(CheckFailed, match="must raise ValueError, but nothing was raised"), raises("ValueError"):
        pass
    with pytest.raises(ValueError, match="ours"), raises("ValueError"):
        raise ValueError("ours")


def test_data_has_a_value_a_type_and_no_identity() -> None:
    assert value(5) == 5
    assert value(TensorData("torch", "float32", "cpu", np.ones(1))).tolist() == [1]
    assert type_name(5) == "int"
    assert not same(5, 5)
    assert as_numbers([True, 2]).tolist() == [1, 2]
