"""Does results.json say exactly what came out, and nothing for free?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import BadInput
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult

OUTCOMES = list(Outcome)


def of(*outcomes: Any, points: float = 1) -> CellResult:
    tests = [
        TestResult(f"test_a.py::{i}", "", outcome, points if outcome == "passed" else 0, points)
        for i, outcome in enumerate(outcomes)
    ]
    return CellResult("a", points * len(tests), tests)


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([], "broken"),
        (["passed"], "graded"),
        (["passed", "failed", "error", "timeout", "crashed"], "graded"),
        (["passed", "pending"], "pending"),
        (["passed", "pending", "broken"], "broken"),
    ],
)
def test_the_status_of_a_cell_is_that_of_its_worst_test(outcomes: list[str], status: str) -> None:
    assert of(*outcomes).status == status
    assert Results("s", "n", [of("passed"), of(*outcomes)]).status == status


def test_a_submission_without_cells_is_broken() -> None:
    assert Results("s", "n", []).status == "broken"


@given(st.lists(st.lists(st.sampled_from(OUTCOMES))))
def test_only_passed_tests_give_points(cells: list[list[str]]) -> None:
    results = Results("s", "n", [of(*outcomes) for outcomes in cells])
    assert results.score == sum(outcome == "passed" for outcomes in cells for outcome in outcomes)
    assert results.max_score == sum(map(len, cells))


@given(st.lists(st.lists(st.sampled_from(OUTCOMES))), st.text())
def test_what_is_written_is_read_back(cells: list[list[str]], text: str) -> None:
    results = Results(text, "n", [of(*outcomes, points=0.5) for outcomes in cells])
    assert Results.from_json(results.to_json()) == results


def test_the_document_has_the_documented_form() -> None:
    test = TestResult("test_backward.py::test_x", "A node …", "passed", 2.0, 2.0, "", 0.004)
    document = Results("define_by_run", "define_by_run", [CellResult("backward", 5.0, [test])], "graders 1a").as_dict()
    assert document == {
        "schema": 1,
        "sprint": "define_by_run",
        "notebook": "define_by_run",
        "graded_with": "graders 1a",
        "score": 2.0,
        "max_score": 5.0,
        "status": "graded",
        "cells": [
            {
                "id": "backward",
                "points": 2.0,
                "max_points": 5.0,
                "status": "graded",
                "tests": [
                    {
                        "name": "test_backward.py::test_x",
                        "title": "A node …",
                        "outcome": "passed",
                        "points": 2.0,
                        "max_points": 2.0,
                        "message": "",
                        "duration_s": 0.004,
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "5",
        '{"schema": 2}',
        '{"schema": 1, "sprint": "s", "notebook": "n", "cells": [{}]}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_another_document_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Results.from_json(text)
    assert "\n" not in str(caught.value)


def test_a_score_in_the_document_is_not_believed() -> None:
    document = json.loads(Results("s", "n", [of("failed")]).to_json())
    document |= {"score": 100, "status": "graded"}
    document["cells"][0]["points"] = 100
    assert Results.from_json(json.dumps(document)).score == 0


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "results.json"
    results = Results("s", "n", [of("passed")])
    results.write(path)
    before = path.read_text()

    def full(self: Path, *_: object, **__: object) -> None:
        self.touch()
        raise OSError("no space left")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="no space"):
        results.write(path)
    monkeypatch.undo()
    assert path.read_text() == before
