"""Promise 4: the score comes from test outcomes on the trusted side alone."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from autograder.grading import handles
from autograder.grading.handles import Handle
from autograder.grading.results import Results
from autograder.notebook import rebuild
from tests.attacks import sources
from tests.support import tiny
from tests.support.types import GradeWith

Attack = Callable[..., Results]


@pytest.mark.slow  # in jails they are among the submissions; this is what holds without one
@pytest.mark.parametrize("name", sources.FORGERIES)
def test_forging_earns_nothing(attack_one: Attack, name: str) -> None:
    results = attack_one(sources.FORGERIES[name])
    assert results.score == 0
    assert results.status == "graded", "nor is it a fault of ours"
    assert all(test.points == 0 for test in tiny.hidden(results))


def test_an_object_equal_to_everything_earns_nothing_anywhere(attack: Attack) -> None:
    assert attack(sources.EVERYTHING).score == 0


def test_the_honest_rest_of_a_forgers_notebook_still_counts(attack: Attack) -> None:
    assert attack(sources.PRINTS, *tiny.ANSWERS[1:]).score == 4


def test_tags_metadata_and_locked_cells_earn_nothing(grade: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    nb = tiny.submission()
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove_cell"]
        if cell.metadata["nbgrader"]["grade"]:
            cell.source = "10.0"
            cell.metadata["nbgrader"]["points"] = 1000
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "10.0"})]
    nb.metadata["kernelspec"] = {"name": "bash", "display_name": "", "language": "bash"}
    results = grade(nb=nb)
    assert (results.score, results.max_score) == (0, 7)
    public = [test for test in results.tests if test.max_points == 0]
    assert all(test.outcome in ("failed", "skipped") for test in public), "the released checks ran"

    # taken out: the submission is graded as it is
    for cell, points in zip(
        [c for c in nb.cells if c.metadata["nbgrader"]["grade"]], tiny.POINTS.values(), strict=True
    ):
        cell.metadata["nbgrader"]["points"] = points
    monkeypatch.setattr(rebuild, "rebuild", lambda submission, base: (submission, []))
    public = [test for test in grade(nb=nb).tests if test.max_points == 0]
    assert all(test.outcome == "passed" for test in public)


# with the protections taken out


@pytest.mark.parametrize("name", ["an object equal to everything"])
def test_without_the_wall_the_forgery_earns_points(
    grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The same hidden test, on the same object, in one process: as other graders do it."""
    naive = """
import pytest
@pytest.mark.points(1)
def test_subtract(student):
    assert student.subtract(5.0, 3.0) == 2.0
"""
    graders = {"subtract": naive}
    assert grade_with(graders, sources.FORGERIES[name]).results.score == 0
    here: dict[str, Any] = {}
    exec(sources.FORGERIES[name], here)  # noqa: S102
    monkeypatch.setattr("autograder.grading.run.Student", lambda session: SimpleNamespace(**here))
    assert grade_with(graders, sources.FORGERIES[name]).results.score == 1


CARELESS = """
import pytest

@pytest.mark.points(0.25)
def test_equal(student):
    assert student.subtract(5.0, 3.0) == 2.0

@pytest.mark.points(0.25)
def test_less(student):
    assert abs(student.subtract(5.0, 3.0)) < 2.5

@pytest.mark.points(0.25)
def test_true(student):
    assert student.subtract(5.0, 3.0)

@pytest.mark.points(0.25)
def test_in(student):
    assert 2.0 in student.subtract(5.0, 3.0)
"""


def test_a_careless_test_cannot_be_fooled_by_a_comparison(
    grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected = grade_with({"subtract": CARELESS}, sources.EVERYTHING).results
    assert (protected.score, protected.status) == (0, "graded")

    # taken out: the student's answer decides
    monkeypatch.setattr(Handle, "__lt__", handles._binary("lt", "<", reflected=False))
    for name in ("__eq__", "__bool__", "__contains__"):
        monkeypatch.setattr(Handle, name, lambda self, *other: self._do("", "operator", "le", self, 0))
    assert grade_with({"subtract": CARELESS}, sources.EVERYTHING).results.score == 1


ANSWERS = (
    "True", "np.True_", "1", "1.5", "'yes'", "b'yes'", "[1]", "(1,)", "{1: 1}", "2j", "np.array(True)", "np.ones(1)",
)  # fmt: skip
COMPARES = f"""
import pytest

@pytest.mark.points(1 / {len(ANSWERS)})
@pytest.mark.parametrize("number", range({len(ANSWERS)}))
def test_less(student, number):
    assert student.subtract(float(number), 3.0) < 2.5
"""
ANSWERS_WITH = f"""
import numpy as np
class Answer:
    def __init__(self, answer): self.answer = answer
    def __lt__(self, other): return self.answer
    __le__ = __gt__ = __ge__ = __lt__
def subtract(a, b): return Answer([{", ".join(ANSWERS)}][int(a) % {len(ANSWERS)}])
"""


def test_no_data_that_a_comparison_answers_with_decides(grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bool was refused, and everything else that is true was taken."""
    results = grade_with({"subtract": COMPARES}, "", "", ANSWERS_WITH).results
    outcomes = [test.outcome for test in tiny.hidden(results)]
    assert outcomes == ["failed"] * len(ANSWERS)
    assert (results.score, results.status) == (0, "graded")

    # taken out: it decides
    monkeypatch.setattr(Handle, "__lt__", handles._binary("lt", "<", reflected=False))
    results = grade_with({"subtract": COMPARES}, "", "", ANSWERS_WITH).results
    assert [test.outcome for test in tiny.hidden(results)] == ["passed"] * len(ANSWERS)


SWALLOWER = """
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return True
    def put(self, number): pass
    def total(self): return 5.0
"""


def test_a_context_manager_cannot_swallow_a_failed_check(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tiny.outcomes(attack("", SWALLOWER))["test_total"] == "failed"

    def swallowing(self: Handle, kind: Any, error: Any, trace: Any) -> bool:
        return self.__session__.perform("", "exit", self, "E", "") is True

    monkeypatch.setattr(Handle, "__exit__", swallowing)
    assert tiny.outcomes(attack("", SWALLOWER))["test_total"] == "passed"


def test_a_check_is_not_decided_by_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.errors import CheckFailed
    from autograder.grading import assertions

    yes: Any = type("Yes", (), {"__bool__": lambda self: True})()
    with pytest.raises(CheckFailed):
        assertions.check(yes, "must")
    monkeypatch.setattr(assertions, "isinstance", lambda value, kind: kind is not assertions.np.ndarray, raising=False)
    assertions.check(yes, "must")
