"""Are CPU time and wall-clock time bounded, and only they?"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from autograder.errors import NotRun, StudentCrash, StudentTimeout
from autograder.grading.allowance import Allowance
from autograder.grading.budget import Budget
from autograder.grading.limits import Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.student import Student
from autograder.jail.ordinary_kernel import ordinary_kernel
from tests.support.builders import code, notebook
from tests.support.clocks import Clock
from tests.support.conditions import HOUR

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
    run = NotebookRun(notebook(code(LOOPS)), ordinary_kernel, None, Limits(submission=HOUR))
    run.run_to(0)
    yield run
    run.close()


@pytest.fixture(autouse=True)
def another_cell(loops: NotebookRun) -> None:
    """Each of these tests is the first one of its cell in which a kernel does not answer."""
    loops._unanswered.clear()


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.channel.GRACE_S", 0.5)
    monkeypatch.setattr("autograder.grading.budget.GRACE_S", 0.5)


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
    assert time.monotonic() - started < 15, "not only at the limit of 20 s"
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


class Still:
    """A kernel that has used a second of CPU time, and uses no more."""

    seconds = 1.0

    def cpu_seconds(self) -> float:
        return self.seconds


def budget(kernel: Still, limit: Limit) -> Budget:
    return Budget(kernel, limit, Allowance(Limit(100, 100)))  # type: ignore[arg-type]


def test_a_budget_says_what_was_used_up() -> None:
    kernel = Still()
    two = budget(kernel, Limit(2, 100))
    assert two.exceeded() is None
    kernel.seconds = 3.5
    assert two.exceeded() == "2 s of CPU time"
    assert budget(kernel, Limit(2, -1)).exceeded() == "-1 s"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What a budget looks at."""
    clock = Clock()
    monkeypatch.setattr("autograder.grading.budget.time", clock)
    return clock


def test_who_computes_nothing_is_stopped_and_who_computes_a_little_is_not(clock: Clock) -> None:
    kernel = Still()
    short = budget(kernel, Limit(10, 100, idle_s=5))
    clock.sleep(6)
    assert short.exceeded() == "5 s in which it computed nothing"
    kernel.seconds += 0.02
    assert short.exceeded() is None, "it has computed something since"
    clock.sleep(6)
    assert short.exceeded() == "5 s in which it computed nothing"


def test_who_had_nothing_to_do_was_not_idle(clock: Clock) -> None:
    short = budget(Still(), Limit(10, 100, idle_s=5))
    clock.sleep(6)
    short.wait()
    assert short.exceeded() is None


def test_a_budget_ends_with_the_submissions_allowance() -> None:
    class Started(Still):
        def queued_seconds(self) -> float:
            return 0.0

        def alive(self) -> bool:
            return True

    kernel, allowance = Started(), Allowance(Limit(3, 100))
    allowance.counted(lambda files: kernel)(None)  # type: ignore[arg-type,return-value]
    within = Budget(kernel, Limit(10, 100), allowance)  # type: ignore[arg-type]
    assert within.exceeded() is None
    kernel.seconds = 3.5
    assert within.exceeded() == "3 s of CPU time, all that one submission may take"


def test_a_kernel_that_does_not_answer_is_not_replayed_a_third_time_for_the_same_cell(loops: NotebookRun) -> None:
    for _ in range(2):
        with pytest.raises((StudentTimeout, StudentCrash)):
            begin(loops).stubborn()
    with pytest.raises(NotRun, match="in 2 tests of this task the kernel did not answer"):
        begin(loops)
    loops.position += 1  # the next cell's tests
    try:
        assert begin(loops).sleep(0) == 1
    finally:
        loops.end_session()
        loops.position -= 1
