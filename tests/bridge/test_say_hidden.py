"""Does the release say at each public check that hidden tests remain, and nowhere else?"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.notebook.cells import grade_id
from autograder.notebook.checks_line import LINES
from tests.support.courses import NOTEBOOK, SLUG, command, make_course


@pytest.mark.parametrize("language", ["en", "ja"])
def test_where_there_are_hidden_tests(tmp_path: Path, language: str) -> None:
    """The cell `stock` has none: it is graded as nbgrader does, so what it checks is all."""
    make_course(tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write(f"c.KeepLanguage.language = '{language}'\n")
    command(tmp_path, "generate_assignment", SLUG)
    nb = nbformat.read(tmp_path / "assignments" / SLUG / NOTEBOOK, as_version=4)
    said = [grade_id(cell) for cell in nb.cells if cell.source.endswith(LINES[language])]
    assert said == ["double", "half", "on_gpu", "faulty"]
    check = next(cell.source for cell in nb.cells if grade_id(cell) == "double")
    assert check == f"assert double(2) == 4\n\n{LINES[language]}"
