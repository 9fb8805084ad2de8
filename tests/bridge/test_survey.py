"""Is what an nbgrader course has found wherever it lies, and does no notebook stop the others from being seen?"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from autograder.bridge.adopt import look_at
from tests.support.builders import graded, notebook


def test_assignments_are_found_in_the_courses_own_structure(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.json").write_text(
        json.dumps(
            {
                "CourseDirectory": {
                    "directory_structure": "{assignment_id}/{nbgrader_step}/{student_id}",
                    "source_directory": "src",
                }
            }
        )
    )
    for week in ("week1", "week2"):
        (tmp_path / week / "src").mkdir(parents=True)
        nbformat.write(notebook(graded("a", 2, "1")), tmp_path / week / "src" / "a.ipynb")
    (tmp_path / "week2" / "release").mkdir()
    (tmp_path / "week2" / "release" / "a.ipynb").write_text("")
    assert [(found.name, found.released) for found in look_at(tmp_path).assignments] == [
        ("week1", False),
        ("week2", True),
    ]


@pytest.mark.parametrize(
    "change", [{"kernelspec": "python"}, {"kernelspec": None}, {"points": "many"}, {"nbformat": []}]
)
def test_a_notebook_of_any_content_is_a_row(tmp_path: Path, change: dict[str, object]) -> None:
    """It is known by its content only, and an instructor's tools may have written that."""
    book = json.loads(nbformat.writes(notebook(graded("a", 2, "1"))))
    if "points" in change:
        book["cells"][-1]["metadata"]["nbgrader"] |= change
    elif "nbformat" in change:
        book |= change
    else:
        book["metadata"] |= change
    (tmp_path / "source" / "week1").mkdir(parents=True)
    (tmp_path / "source" / "week1" / "a.ipynb").write_text(json.dumps(book))
    (found,) = look_at(tmp_path).assignments
    assert "cannot be read" in found.notebooks[0].trouble
