"""Is everything that a submission takes counted, and is it bounded by what the reference takes?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.errors import NotRun, PlatformFault
from autograder.grading.allowance import COST, LEAST, Allowance, allowed
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.limits import Limit, Limits
from autograder.grading.outcome import Outcome
from autograder.jail.kernel import Kernel
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.clocks import Clock
from tests.support.conditions import conditions

Grade = Callable[..., GradedNotebook]


class Used:
    """A kernel that has used some CPU time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running = True
        self.queued_s = 0.0

    def queued_seconds(self) -> float:
        return self.queued_s

    def cpu_seconds(self) -> float:
        return self.seconds

    def alive(self) -> bool:
        return self.running


def test_every_kernel_of_a_submission_counts_those_that_ended_too() -> None:
    kernels = [Used(2.0), Used(3.0)]
    allowance = Allowance(Limit(6, 100))
    start = allowance.counted(lambda files: kernels[len(started)])  # type: ignore[arg-type,return-value]
    started: list[Kernel] = []
    started.append(start(None))
    kernels[0].running = False
    started.append(start(None))
    assert allowance.cpu_seconds() == 5
    kernels[1].seconds = 4.5
    assert allowance.exceeded() == "6 s of CPU time, all that one submission may take"
    with pytest.raises(NotRun, match="used up 6 s of CPU time"):
        start(None)


def test_the_wall_clock_runs_from_the_first_kernel_on() -> None:
    allowance = Allowance(Limit(100, -1))
    assert allowance.wall_seconds() == 0
    assert allowance.exceeded() == "-1 s, all that one submission may take"
    assert Allowance(Limit(100, 0)).exceeded() is None


def test_time_in_which_others_had_the_processors_does_not_count_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kernel = Clock(), Used(0.0)
    monkeypatch.setattr("autograder.grading.allowance.time", clock)
    allowance = Allowance(Limit(100, 5))
    allowance.counted(lambda files: kernel)(None)  # type: ignore[arg-type,return-value]
    clock.sleep(8)
    assert allowance.exceeded()
    kernel.queued_s = 6
    assert allowance.exceeded() is None
    kernel.queued_s = 1000
    clock.sleep(6)
    assert allowance.exceeded() is None
    clock.sleep(2)
    assert allowance.exceeded(), "not more than twice the limit"


def test_a_submission_may_take_twenty_times_what_the_reference_takes(tmp_path: Path) -> None:
    assert allowed(tmp_path) == LEAST
    (tmp_path / COST).write_text("cpu_s = 1.0\nwall_s = 30\n")
    assert allowed(tmp_path) == Limit(LEAST.cpu_s, 600)


@pytest.mark.parametrize("text", ["", "cpu_s = 1", 'cpu_s = "much"\nwall_s = 1', "cpu_s: 1", "cpu_s = []\nwall_s = 1"])
def test_a_cost_that_says_nothing_is_our_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / COST).write_text(text)
    with pytest.raises(PlatformFault, match=r"cost\.toml: it must hold cpu_s and wall_s"):
        allowed(tmp_path)


@pytest.fixture
def grade(tmp_path: Path) -> Grade:
    sprint = tiny.sprint(tiny.write_course(tmp_path / "course"))

    def graded(*answers: str, limits: Limits) -> GradedNotebook:
        path = tmp_path / "tiny.ipynb"
        nbformat.write(tiny.submission(*answers), path)
        return grade_notebook(load_submission(path, sprint), sprint, conditions(limits=limits))

    return graded


def test_what_has_not_run_when_the_allowance_is_used_up_is_a_timeout(grade: Grade) -> None:
    waits = "import time\n" + tiny.DOUBLE_ANSWER + "\nend = time.monotonic() + 30\nwhile time.monotonic() < end: pass"
    limits = Limits(submission=Limit(60, 3), cell=Limit(50, 50), test=Limit(1, 8))
    graded = grade(waits, tiny.BOX_ANSWER, limits=limits)
    outcomes = {test.outcome for test in graded.results.tests if test.max_points}
    assert outcomes == {Outcome.TIMEOUT}
    said = {test.message.splitlines()[0] for test in graded.results.tests if test.max_points}
    assert said == {"This test was not run: the notebook had used up 3 s, all that one submission may take."}
    assert any(cause.text.endswith("what came after that did not run") for cause in graded.results.causes)
    assert not graded.faults


def test_what_ran_before_keeps_its_points(grade: Grade) -> None:
    sleeps = tiny.BOX_ANSWER.replace("return sum(self.numbers)", "import time; time.sleep(60)")
    limits = Limits(submission=Limit(60, 4), cell=Limit(5, 9), test=Limit(5, 60))
    graded = grade(tiny.DOUBLE_ANSWER, sleeps, limits=limits)
    assert graded.results.score == tiny.POINTS["double"]
    box = next(cell for cell in graded.results.cells if cell.id == "box")
    assert "stopped after 4 s, all that one submission may take" in str([test.message for test in box.tests])
