"""Is what is hidden found where students would see it?"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output

from autograder.audit.leaks import hidden_lines, of_feedback, of_release, solution_lines
from autograder.authoring.pairing import notebook_path
from autograder.grading.results import CellResult, Results, TestResult
from tests.support.sprints_made import SLUG, grader_in, make_sprint

HIDDEN = 'assert_close(student.mean(x), x.mean(), what=f"the mean of an array of shape {shape}")'
SOLUTION = 'raise ValueError("an empty array has no mean")'


def test_what_is_hidden_is_known(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    assert HIDDEN in hidden_lines(grader_in(tmp_path).parent)
    assert SOLUTION in solution_lines(notebook_path(SLUG, tmp_path))


def test_a_number_that_nobody_writes_by_chance_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text("A = 271.8281828\nB = 10\n")
    assert hidden_lines(tmp_path) == {"271.8281828"}


def test_a_public_example_is_not_hidden(tmp_path: Path) -> None:
    code = "mean(np.array([[1.25, 2.75], [3.125, 600.123456]]))"
    mark = f'@pytest.mark.example(\n    "import numpy as np\\n"\n    "{code}",\n    gives=(3.0, 271.8281828),\n)\n'
    (tmp_path / "test_x.py").write_text(f"{mark}def test_x(student):\n    check_long_line(student.mean([1.0, 2.0]))\n")
    assert hidden_lines(tmp_path) == {"check_long_line(student.mean([1.0, 2.0]))"}


def test_what_an_example_shows_is_not_hidden_elsewhere(tmp_path: Path) -> None:
    """May another file of the graders have a line that every student can read?"""
    line = "with tempfile.TemporaryDirectory() as folder:"
    mark = f'@pytest.mark.example("{line}\\n    mean([2.0])", gives=2.0)\n'
    (tmp_path / "test_x.py").write_text(f"{mark}def test_x(student):\n    pass\n")
    (tmp_path / "oracles.py").write_text(f"{line}\n    known = sum([1.5, 2.5, 3.5, 4.5])\n")
    assert hidden_lines(tmp_path) == {"known = sum([1.5, 2.5, 3.5, 4.5])"}


@pytest.mark.parametrize(
    ("source", "what"),
    [(HIDDEN, "holds a hidden line"), (SOLUTION, "holds a hidden line"), ("### BEGIN SOLUTION", "solution marker")],
)
def test_a_leak_in_a_cell_is_found(tmp_path: Path, source: str, what: str) -> None:
    sprint = make_sprint(tmp_path)
    assert list(of_release(sprint, tmp_path)) == []
    notebook = nbformat.read(sprint.release, as_version=4)
    notebook.cells.append(new_code_cell(source))
    nbformat.write(notebook, sprint.release)
    assert any(what in finding.what for finding in of_release(sprint, tmp_path))


def test_leaks_in_metadata_outputs_and_other_files_are_found(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    notebook = nbformat.read(sprint.release, as_version=4)
    notebook.metadata["jupytext"] = {"formats": "py"}
    notebook.metadata["note"] = SOLUTION.replace('"', "'") + HIDDEN
    notebook.cells.append(new_code_cell("1", outputs=[new_output("stream", text="1")]))
    nbformat.write(notebook, sprint.release)
    (sprint.release.parent / "test_first_task.py").write_text(HIDDEN)
    found = " ".join(map(str, of_release(sprint, tmp_path)))
    for what in (
        "has outputs",
        "paired script",
        "is a file of hidden tests",
        "test_first_task.py: holds a hidden line",
    ):
        assert what in found


def test_a_leak_in_feedback_is_found(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    test = TestResult("test_first_task.py::test_mean_of_all_elements", "t", "failed", 0, 2, f"at {HIDDEN}")
    results = Results(SLUG, SLUG, [CellResult("first_task", 3, [test])])
    (finding,) = of_feedback(sprint, {"a": results})
    assert "feedback" in finding.what
