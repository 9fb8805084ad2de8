"""Are CPU time and wall-clock time bounded, and only they?"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from autograder.errors import StudentCrash, StudentTimeout
from autograder.grading import limits as limits_module
from autograder.grading.limits import Budget, Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.student import Student
from autograder.jail.ordinary_kernel import ordinary_kernel
from tests.support.builders import code, notebook

LOOPS = """
import itertools, os, signal, threading, time

def spin():
    while True:
        pass

def stubborn():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def deaf():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spin()

def masked():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    spin()

def in_c():
    return sum(itertools.repeat(1))

def sleep(seconds=3600):
    time.sleep(seconds)
    return 1

def swallow():
    try:
        spin()
    except KeyboardInterrupt:
        return "went on"

def threads():
    for _ in range(3):
        threading.Thread(target=spin, daemon=True).start()
    time.sleep(3600)
"""


@pytest.fixture(scope="module")
def loops() -> Iterator[NotebookRun]:
    run = NotebookRun(notebook(code(LOOPS)), ordinary_kernel, None, Limits())
    run.run_to(0)
    yield run
    run.close()


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.channel.GRACE_S", 0.5)
    monkeypatch.setattr(limits_module, "GRACE_S", 0.5)


def begin(run: NotebookRun, cpu_s: float = 0.3, wall_s: float = 20) -> Student:
    session = run.session()
    session.begin_test(Limit(cpu_s, wall_s), seed=0)
    return Student(session)


@pytest.mark.parametrize("name", ["spin", "swallow", "masked"])
def test_a_loop_is_interrupted_and_the_kernel_goes_on(loops: NotebookRun, name: str) -> None:
    student, session = begin(loops), loops.open_session
    started = time.monotonic()
    with pytest.raises(StudentTimeout, match=r"0\.3 s of CPU time"):
        student[name]()
    assert time.monotonic() - started < 5
    assert loops.session() is session


@pytest.mark.parametrize("name", ["stubborn", "deaf", "in_c"])
def test_a_loop_that_ignores_the_interrupt_is_killed_and_the_kernel_replaced(loops: NotebookRun, name: str) -> None:
    student, session = begin(loops), loops.open_session
    with pytest.raises((StudentTimeout, StudentCrash)):
        student[name]()
    assert loops.session() is not session
    assert begin(loops).sleep(0) == 1, "the notebook was replayed"


def test_threads_left_running_are_counted(loops: NotebookRun) -> None:
    with pytest.raises(StudentTimeout, match="CPU time"):
        begin(loops).threads()
    assert loops._kernel is not None
    loops._kernel.terminate()  # or they would cost the next test its budget


def test_sleeping_costs_no_cpu_time_but_hits_the_wall(loops: NotebookRun) -> None:
    student = begin(loops, cpu_s=0.3)
    assert student.sleep(0.8) == 1
    student = begin(loops, cpu_s=5, wall_s=0.4)
    with pytest.raises(StudentTimeout, match=r"after 0\.4 s$"):
        student.sleep()


def test_after_a_timeout_every_call_of_the_test_is_one(loops: NotebookRun) -> None:
    student = begin(loops)
    with pytest.raises(StudentTimeout):
        student.spin()
    with pytest.raises(StudentTimeout):
        student.sleep(0)
    assert begin(loops).sleep(0) == 1


def test_a_budget_is_one_tests_not_one_calls(loops: NotebookRun) -> None:
    student = begin(loops, cpu_s=5, wall_s=0.5)
    calls = iter(lambda: student.sleep(0.1), None)
    with pytest.raises(StudentTimeout, match=r"0\.5 s"):
        all(itertools.islice(calls, 20))


def test_the_usual_wall_clock_bound_is_generous() -> None:
    assert Limit.of_cpu(5) == Limit(5, 80)


def test_a_budget_says_what_was_used_up() -> None:
    class Still:
        seconds = 1.0

        def cpu_seconds(self) -> float:
            return self.seconds

    kernel = Still()
    budget = Budget(kernel, Limit(2, 100))  # type: ignore[arg-type]
    assert budget.exceeded() is None
    kernel.seconds = 3.5
    assert budget.exceeded() == "2 s of CPU time"
    assert Budget(kernel, Limit(2, -1)).exceeded() == "-1 s"  # type: ignore[arg-type]
