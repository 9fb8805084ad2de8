"""Are the hidden tests found where a course has them, hidden there too, and never taken from a submission?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.authoring.new_sprint import new_sprint
from autograder.classroom.gradescope_zip import build_zip
from autograder.course.sprint import find_sprint, graders_folder, project_root, slugs, why_not_released
from autograder.errors import BadInput
from autograder.grading import engine
from autograder.grading.engine import grade_notebook
from autograder.jail import bubblewrap
from autograder.notebook.read import read_release
from tests.support import tiny
from tests.support.conditions import conditions
from tests.support.own_course import make_course
from tests.support.paths import ROOT


def test_the_graders_of_a_course_are_its_own_and_then_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOGRADER_GRADERS", raising=False)
    packaged = ROOT / "autograder" / "graders"
    assert graders_folder(ROOT) == packaged
    assert graders_folder(tmp_path) == packaged
    for place in ("autograder/graders", "graders"):
        (tmp_path / place).mkdir(parents=True)
        assert graders_folder(tmp_path) == tmp_path / place
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("AUTOGRADER_GRADERS", str(elsewhere))
    assert graders_folder(tmp_path) == graders_folder(ROOT) == elsewhere


def test_an_answer_of_another_form_is_the_students_wherever_the_course_is_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of the hidden tests is known by its file: a folder named from here is another text than that file's."""
    monkeypatch.delenv("AUTOGRADER_GRADERS", raising=False)
    make_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    nothing = tiny.submission(tiny.DOUBLE_ANSWER, "def Box():\n    return None", tiny.SUBTRACT_ANSWER)
    graded = grade_notebook(nothing, find_sprint("tiny", Path()), conditions()).results
    assert tiny.outcomes(graded)["test_total"] == "failed"


def test_no_hidden_tests_at_all_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_GRADERS", raising=False)
    monkeypatch.setattr("autograder.course.sprint.PACKAGE", tmp_path / "site-packages" / "autograder")
    assert graders_folder(tmp_path) == tmp_path / "graders"
    for ask in (lambda: find_sprint("tiny", tmp_path), lambda: slugs(tmp_path / "graders")):
        with pytest.raises(BadInput, match=re.escape(f"no hidden tests in {tmp_path / 'graders'}")):
            ask()
    monkeypatch.setenv("AUTOGRADER_GRADERS", "nowhere")
    with pytest.raises(BadInput, match="AUTOGRADER_GRADERS=nowhere: there is no such folder"):
        find_sprint("tiny", tmp_path)


def test_a_submission_that_looks_like_a_course_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hidden tests would run with the instructor's rights, if grading were started in it."""
    for name in ("AUTOGRADER_ROOT", "AUTOGRADER_GRADERS", "COURSE_DATA"):
        monkeypatch.delenv(name, raising=False)
    course = make_course(tmp_path / "autumn")
    handed_in = make_course(course / "course" / "submitted" / "mallory" / "tiny")
    monkeypatch.chdir(course / "source")
    assert project_root() == course
    monkeypatch.chdir(handed_in / "source")
    assert project_root() == course
    assert graders_folder() == course / "graders"
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "class"))
    handed_in.parent.rename(tmp_path / "class")
    monkeypatch.chdir(tmp_path / "class" / "tiny")
    assert project_root() == ROOT


def test_graders_are_out_of_view_wherever_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the jail shows the folder that they lie in, the system's say."""
    for name in ("shown/course/graders", "shown/elsewhere", "shown/course/assignments"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(bubblewrap, "project_root", lambda: tmp_path / "shown" / "course")
    monkeypatch.setattr(bubblewrap, "_SYSTEM", (*bubblewrap._SYSTEM, str(tmp_path / "shown")))
    monkeypatch.setenv("AUTOGRADER_GRADERS", str(tmp_path / "shown" / "elsewhere"))
    if bubblewrap.bwrap() is None:
        monkeypatch.setattr(bubblewrap, "bwrap", lambda: "bwrap")
    line = bubblewrap.command(tmp_path, 0, "")
    masked = {line[place + 1] for place, word in enumerate(line) if word == "--tmpfs"}
    assert {str(tmp_path / "shown" / name) for name in ("course/graders", "elsewhere")} <= masked


def test_settings_of_hidden_tests_are_the_same_beside_them_as_in_the_platform() -> None:
    """pytest looks for them beside the tests, an installed platform has its own."""
    assert (ROOT / "autograder" / "graders" / engine.INI.name).read_bytes() == engine.INI.read_bytes()


def test_a_new_sprint_goes_where_the_courses_hidden_tests_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_GRADERS", raising=False)
    assert tmp_path / "graders" / "first" / "test_first_task.py" in new_sprint("first", tmp_path)
    assert "hidden tests are in `graders/first/`" in (tmp_path / "docs" / "sprints" / "first.md").read_text()
    (tmp_path / "graders").rename(tmp_path / "hidden")
    monkeypatch.setenv("AUTOGRADER_GRADERS", str(tmp_path / "hidden"))
    assert tmp_path / "hidden" / "second" / "test_first_task.py" in new_sprint("second", tmp_path)


def test_gradescope_gets_the_hidden_tests_of_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none of those that the platform's own checkout has."""
    monkeypatch.delenv("AUTOGRADER_GRADERS", raising=False)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(make_course(tmp_path)))
    (tmp_path / "graders" / "shared.py").touch()
    (tmp_path / "graders" / "other").mkdir()
    (tmp_path / "graders" / "other" / "test_x.py").touch()
    names = build_zip("tiny", tmp_path / "tiny.zip")
    hidden = {name.removeprefix("autograder/graders/") for name in names if name.startswith("autograder/graders/")}
    tests = {f"tiny/test_{cell}.py" for cell in tiny.GRADERS}
    assert hidden == {"shared.py", "tiny/__init__.py", "tiny/oracles.py", *tests}


def test_a_release_under_another_name_is_said(tmp_path: Path) -> None:
    """'nbgrader generate_assignment' has been run, and would not help."""
    notebook = tmp_path / "week1" / "week1.ipynb"
    assert "run 'nbgrader generate_assignment week1' first" in why_not_released(notebook)
    notebook.parent.mkdir()
    (notebook.parent / "kettle.ipynb").write_text("{}")
    assert "rename the source of kettle.ipynb" in why_not_released(notebook)
    (tmp_path / "graders" / "week1").mkdir(parents=True)
    (tmp_path / "graders" / "week1" / "test_a.py").write_text("")
    with pytest.raises(BadInput, match="kettle"):
        find_sprint("week1", tmp_path, tmp_path / "graders", tmp_path)
    with pytest.raises(BadInput, match="kettle"):
        read_release(notebook)
