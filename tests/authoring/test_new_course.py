"""Is a course of one's own complete, does its sprint pass the audit, and is nothing overwritten?"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from autograder.audit.structure import examine
from autograder.authoring.new_course import FIRST, new_course
from autograder.bridge.release import release
from autograder.cli import app
from autograder.course.sprint import find_sprint, is_course
from autograder.errors import BadInput
from tests.support.courses import python


def test_a_new_course_is_released_and_has_nothing_to_fix(tmp_path: Path) -> None:
    root = tmp_path / "Kettles & pots"
    made = new_course(root)
    assert all(path.is_file() for path in made)
    assert is_course(root)
    assert release(FIRST, root) == [root / "source" / FIRST, root / "assignments" / FIRST]
    assert list(examine(find_sprint(FIRST, root, root / "graders"), root)) == []
    assert 'course_id = "Kettles-pots"' in (root / "nbgrader_config.py").read_text()
    workflow = yaml.safe_load((root / ".github" / "workflows" / "course.yml").read_text())
    assert [step["name"] for step in workflow["jobs"]["graders"]["steps"][2:]][-1] == "Audit what changed"
    for path in (path for path in made if path.suffix in (".md", ".py", ".yml", "")):
        assert "<<" not in path.read_text(), path


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    said = python(
        tmp_path, "-c", "from autograder.cli import main; main()", "new-course", "kettles", "--sprint", "pots"
    )
    assert "'autograder audit pots' passes as it is" in said
    assert (tmp_path / "kettles" / "assignments" / "pots" / "pots.ipynb").is_file()
    again = python(tmp_path, "-c", "from autograder.cli import main; main()", "new-course", "kettles", status=2)
    assert again.startswith("autograder: ")
    assert "is not empty: name a new folder" in again


def test_a_folder_that_has_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="is not empty"):
        new_course(tmp_path)
    with pytest.raises(BadInput, match="is not empty"):
        new_course(tmp_path / "notes.txt")
    with pytest.raises(BadInput, match="cannot be made"):
        new_course(tmp_path / "notes.txt" / "course")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_wrong_name_of_the_sprint_leaves_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be a sprint's name"):
        new_course(tmp_path / "course", "My sprint")
    assert list((tmp_path / "course").iterdir()) == []
    assert new_course(tmp_path / "course", "my_sprint")


def test_a_sprint_without_a_script_is_not_released(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is missing: 'autograder new-sprint pots' writes one"):
        release("pots", tmp_path)


def test_what_nbgrader_refuses_is_one_line(tmp_path: Path) -> None:
    new_course(tmp_path)
    script = tmp_path / "reference" / FIRST / f"{FIRST}.py"
    text = script.read_text()
    script.write_text(text.replace("### END SOLUTION", ""))
    with pytest.raises(BadInput, match=rf"^nbgrader generate_assignment {FIRST}: .*No end solution"):
        release(FIRST, tmp_path)


def test_a_folder_in_which_nbgrader_cannot_work_is_not_made(tmp_path: Path) -> None:
    """Its files would be there, and the second try would find a folder that is not empty."""
    said = CliRunner().invoke(app, ["new-course", str(tmp_path / "frameworks (2026)")])
    assert isinstance(said.exception, BadInput)
    assert "rename the folder" in str(said.exception)
    assert list(tmp_path.iterdir()) == []
