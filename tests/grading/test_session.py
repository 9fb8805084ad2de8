"""Do handles live as long as their test, in their kernel and within bounds?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.errors import PlatformFault, StudentError
from autograder.grading import value
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.session import Session
from autograder.grading.student import Student


def test_a_handle_of_another_test_is_refused(session: Session, student: Student) -> None:
    symbol = student.Symbol("x")
    session.begin_test(Limit(5, 20), seed=0)
    for attempt in (lambda: student.identity(symbol), lambda: symbol + 1, lambda: symbol.text, lambda: value(symbol)):
        with pytest.raises(PlatformFault, match="a handle of another test"):
            attempt()


def test_a_handle_of_another_kernel_is_refused(student: Student, student_run: NotebookRun) -> None:
    symbol = student.Symbol("x")
    student_run.end_session()
    session = student_run.session()
    session.begin_test(Limit(5, 20), seed=0)
    with pytest.raises(PlatformFault, match="a handle of another test"):
        Student(session).identity(symbol)


def test_objects_are_let_go_when_the_test_ends(session: Session, student: Student) -> None:
    student.define(
        "import weakref\nclass Thing: pass\ndef make():\n    t = Thing(); global ref; ref = weakref.ref(t); return t"
    )
    student.make()
    assert student.ref() is not None
    session.begin_test(Limit(5, 20), seed=0)
    assert student.ref() is None


def test_a_million_handles_are_stopped_by_a_bound(session: Session, student: Student) -> None:
    student.define("def many(n): return [object() for _ in range(n)]")
    assert len(student.many(90_000)) == 90_000
    with pytest.raises(StudentError, match="holds more than 100000 objects"):
        student.many(20_000)
    session.begin_test(Limit(5, 20), seed=0)
    assert len(student.many(10)) == 10


def test_what_cannot_cross_is_the_graders_fault(student: Student) -> None:
    with pytest.raises(PlatformFault, match="the grader passed what cannot cross"):
        student.identity({1, 2})


@pytest.mark.parametrize("made", ["[2**70, 1]", "['a' * 1_000_001]"])
def test_an_array_that_came_of_the_students_values_and_cannot_cross_is_theirs(student: Student, made: str) -> None:
    student.define(f"def make(): return {made}")
    array = np.array(student.make())
    with pytest.raises(StudentError, match="cannot be passed on: an array of"):
        student.identity(array)


def test_a_thousand_calls_take_less_than_a_second(student: Student) -> None:
    import time

    x = np.arange(10.0)
    started = time.perf_counter()
    for _ in range(1000):
        student.identity(x)
    assert time.perf_counter() - started < 2, "twice the budget, for a loaded machine"


def test_seeds_are_set_anew_for_each_test(session: Session, student: Student) -> None:
    student.define("import random\ndef draw(): return random.random(), np.random.rand()")
    draws = []
    for seed in (1, 1, 2):
        session.begin_test(Limit(5, 20), seed)
        draws.append(student.draw())
    assert draws[0] == draws[1] != draws[2]
