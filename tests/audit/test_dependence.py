"""Does an audit see that a failure is not put down to its cause?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.audit.dependence import broken_answers, of_causes
from autograder.authoring.variants import Variant
from autograder.grading.engine import GradedNotebook
from autograder.grading.results import Results
from tests.support import tiny

NAMES = ("solve_double", "solve_box", "solve_subtract")
SOLVED = Variant("reference", "", (), dict(zip(NAMES, tiny.ANSWERS, strict=True)))
Graded = Callable[..., GradedNotebook]


def test_each_answer_is_broken_in_two_ways() -> None:
    broken = list(broken_answers(tiny.released(), SOLVED))
    assert [one.solution.name for one in broken][:3] == [
        "solve_double does not parse",
        "solve_double is as released",
        "solve_box does not parse",
    ]
    assert [one.task for one in broken] == ["double", "double", "box", "box", "subtract", "subtract"]
    assert all(len(one.solution.cells) == 1 for one in broken)


def test_what_is_put_down_to_the_broken_answer_is_right(grade_fully: Graded) -> None:
    for place, broken in enumerate(broken_answers(tiny.released(), SOLVED)):
        answers = list(tiny.ANSWERS)
        (answers[place // 2],) = broken.solution.cells.values()
        results = grade_fully(*answers).results
        assert [str(finding) for finding in of_causes(broken, results)] == []
        assert results.causes


def test_what_fails_under_its_own_name_is_pointed_out(grade_fully: Graded) -> None:
    """Without the causes, and with those of another answer?"""
    broken = next(iter(broken_answers(tiny.released(), SOLVED)))
    (source,) = broken.solution.cells.values()
    results = grade_fully(source, *tiny.ANSWERS[1:]).results
    document: dict[str, Any] = results.as_dict()
    for cause in document["causes"]:
        cause["answer"] = "solve_box"
    found = [str(finding) for finding in of_causes(broken, Results.from_json(__import__("json").dumps(document)))]
    assert len(found) == 4
    assert found[1].startswith(
        "solve_double does not parse: test_double.py::test_numbers is not put down to it; if it builds on that task,"
        " mark it or its file: @pytest.mark.needs('double'); it says: Skipped, because"
    )
