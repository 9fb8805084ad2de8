"""Do exceptions come through the wall with what the student may read, and through `with` as in one process?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import raises, same
from autograder.grading.student import Student

# with


def test_with_enters_and_leaves(student: Student) -> None:
    guard = student.Guard()
    with guard as entered:
        assert same(entered, guard)
    assert guard.log == ["in", "out"]


def test_the_students_exception_passes_through_with(student: Student) -> None:
    guard = student.Guard()
    with pytest.raises(StudentError, match="no"), guard:
        student.fail()
    assert guard.log == ["in", "ValueError: no"]


@pytest.mark.parametrize("error", [StudentError(("ValueError",), "x"), CheckFailed("wrong"), AssertionError("wrong")])
def test_with_never_swallows_what_ends_a_test(student: Student, error: Exception) -> None:
    with pytest.raises(type(error)), student.Guard(swallow=True):
        raise error


def test_texts_of_our_own_exceptions_stay_here(student: Student) -> None:
    guard = student.Guard()
    with pytest.raises(AssertionError), guard:
        raise AssertionError("expected 271828")
    assert guard.log == ["in", "AssertionError: "]


# exceptions


def test_an_exception_comes_with_the_students_own_traceback(student: Student) -> None:
    with pytest.raises(StudentError) as caught:
        student.deeper("what went wrong")
    error = caught.value
    assert error.types == ("ValueError", "Exception", "BaseException")
    assert error.message == "what went wrong"
    lines = error.traceback.splitlines()
    assert [line.split(", line")[0] for line in lines[::2]] == ["In [1]", "In [1]"]
    assert lines[1].strip() == "return fail(message)"
    assert "autograder" not in error.traceback
    assert "/" not in error.traceback


def test_a_library_frame_shows_no_folders(student: Student) -> None:
    with pytest.raises(StudentError) as caught:
        student.np.linalg.inv(np.zeros((2, 2)))
    assert caught.value.types[0] == "LinAlgError"
    assert "numpy/linalg/" in caught.value.traceback
    assert "/usr" not in caught.value.traceback
    assert "site-packages" not in caught.value.traceback


def test_a_deep_recursion_is_shown_in_short(student: Student) -> None:
    student.define("def again(n): return again(n + 1)")
    with pytest.raises(StudentError) as caught:
        student.again(0)
    assert caught.value.types[0] == "RecursionError"
    assert "more calls" in caught.value.traceback
    assert len(caught.value.traceback) < 4_000


def test_raises_goes_by_the_names_of_classes(student: Student) -> None:
    student.define("class Mine(KeyError): pass\ndef mine(): raise Mine('x')")
    with raises("LookupError"):
        student.mine()
    with pytest.raises(CheckFailed, match="must raise TypeError, but raised Mine"), raises("TypeError"):
        student.mine()
