"""A class through nbgrader's own commands: is everybody graded, exactly, and is nothing hidden shown?"""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.bridge.config import commands_on_path
from autograder.notebook.cells import grade_id
from tests.support.courses import (
    ANSWERS,
    HIDDEN,
    NOTEBOOK,
    SLUG,
    answer,
    command,
    inbound,
    make_course,
    python,
)
from tests.support.paths import ROOT

# points of the cells double, half and stock; on_gpu and faulty stay open for everybody
SCORES = {
    "ada": (2.0, 1.0, 1.0),
    "noisy": (2.0, 1.0, 1.0),
    "wrong": (1.5, 0.0, 1.0),
    "forger": (0.0, 0.0, 1.0),
    "null": (2.0, 0.0, 1.0),
    "missing": (0.0, 0.0, 1.0),
    "broken": (0.0, 0.0, 1.0),
    "linked": (0.0, 0.0, 1.0),
    "large": (0.0, 0.0, 1.0),
    "by_hand": (0.0, 0.0, 1.0),
}
REASONS = {
    "missing": "no notebook doubling.ipynb was handed in",
    "broken": "broken JSON",
    "linked": "no notebook doubling.ipynb was handed in",
    "large": "the notebook is too large (200 MB",
    "by_hand": "no notebook doubling.ipynb was handed in",
}

BUTTON = """
    import asyncio, sys
    from nbgrader.apps import NbGrader
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    async def press(app, assignment, *students):
        for student in students:
            done = NbGraderAPI(app.coursedir, parent=app).autograde(assignment, student, force=True)
            print(done.get("log"), done.get("error"))
            print(student, done["success"])

    app = NbGrader()
    app.load_config_file()
    app.coursedir = CourseDirectory(parent=app)
    asyncio.run(press(app, *sys.argv[1:]))
"""


def forge(nb: NotebookNode) -> NotebookNode:
    """Everything that earned full marks from a grader in the student's process."""
    always = "class Always:\n    __eq__ = __lt__ = __gt__ = lambda s, o: True\n    __float__ = lambda s: 1.0\n"
    nb = answer(nb, solve_double=f"{always}double = half = lambda x: Always()", imports="")
    for cell in nb.cells:
        cell.metadata.tags = ["skip-execution", "raises-exception"]
        if grade_id(cell) == "double":
            cell.metadata.nbgrader.points = 100
            cell.source = "1000"
    nb.cells = [cell for cell in nb.cells if grade_id(cell) != "half"]
    return nb


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course in which every student has been graded."""
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    command(root, "generate_assignment", SLUG)
    command(root, "release_assignment", SLUG)
    hand_in(root, tmp_path_factory.mktemp("ada"))
    command(root, "collect", SLUG)
    (root / "course" / "submitted" / "by_hand" / SLUG).mkdir(parents=True)
    command(root, "autograde", SLUG)
    command(root, "generate_feedback", SLUG)
    command(root, "export")
    return root


def hand_in(root: Path, home: Path) -> None:
    """Ada with nbgrader's commands; the others straight into the exchange, where theirs end too."""

    def released() -> NotebookNode:
        return nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)

    command(root, "fetch_assignment", SLUG, cwd=home)
    nbformat.write(answer(released(), **ANSWERS), home / SLUG / NOTEBOOK)
    command(root, "submit", SLUG, "--student=ada", cwd=home)

    noise = "import os, sys, warnings\nprint('noise', file=sys.stderr)\nwarnings.warn('more')\n"
    noise += "open('written.txt', 'w').write('kept')\nos.path.exists('link') or os.symlink('/etc/passwd', 'link')\n"
    noisy = {name: noise + source for name, source in ANSWERS.items()}
    nbformat.write(answer(released(), **noisy), inbound(root, "noisy"))
    wrong = {
        "solve_double": "def double(x): return 2 * x or 1",
        "solve_half": "def half(x): raise KeyError('<b>mine')",
    }
    nbformat.write(answer(released(), **wrong), inbound(root, "wrong"))
    nbformat.write(forge(released()), inbound(root, "forger"))
    null = json.loads(nbformat.writes(answer(released(), solve_double=ANSWERS["solve_double"])))
    null["metadata"] = None
    null["cells"] += [{"cell_type": "code", "metadata": [3], "source": 5, "outputs": None}, None]
    inbound(root, "null").write_text(json.dumps(null))
    inbound(root, "missing")
    inbound(root, "broken").write_text('{"cells": [')
    inbound(root, "linked").symlink_to(root / "source" / SLUG / NOTEBOOK)
    with inbound(root, "large").open("wb") as file:
        file.truncate(200_000_000)


@pytest.fixture(scope="module", autouse=True)
def _path():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])
        commands_on_path()
        yield


@pytest.fixture
def gradebook(course):
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        yield gradebook


@pytest.mark.parametrize("student", SCORES)
def test_scores_in_the_gradebook_are_exact(gradebook, student):
    scores = [gradebook.find_grade(cell, SLUG, SLUG, student).auto_score for cell in ("double", "half", "stock")]
    assert tuple(scores) == SCORES[student]


@pytest.mark.parametrize("cell", ["on_gpu", "faulty"])
def test_pending_and_broken_cells_wait(gradebook, cell):
    """Does the gradebook show the cell as waiting, neither 0 nor full?"""
    grade = gradebook.find_grade(cell, SLUG, SLUG, "ada")
    assert grade.auto_score is None
    assert grade.needs_manual_grade


@pytest.mark.parametrize("student", SCORES)
def test_results_and_export_agree_with_the_gradebook(course, student):
    """Do results.json, junit.xml and nbgrader export tell the same?"""
    folder = course / "course" / "results" / student / SLUG
    results = json.loads((folder / "results.json").read_text())
    double, half, stock = SCORES[student]
    assert results["score"] == double + half
    assert results["status"] == "broken"
    assert "<testsuite" in (folder / "junit.xml").read_text()
    rows = {row["student_id"]: row for row in csv.DictReader((course / "grades.csv").read_text().splitlines())}
    assert float(rows[student]["score"]) == double + half + stock


@pytest.mark.parametrize("student", REASONS)
def test_who_cannot_be_graded_reads_why(course, student):
    feedback = (course / "course" / "feedback" / student / SLUG / f"{SLUG}.html").read_text()
    assert REASONS[student] in feedback


def test_nothing_handed_in_is_lost(course):
    assert (course / "course" / "submitted" / "broken" / SLUG / f"{NOTEBOOK}.unreadable").read_text() == '{"cells": ['
    assert inbound_size(course, "large") == 200_000_000


def inbound_size(course: Path, student: str) -> int:
    (path,) = (course / "course" / "exchange").glob(f"*/inbound/{student}+*/{NOTEBOOK}")
    return path.stat().st_size


def test_what_a_notebook_wrote_is_kept_with_the_results(course):
    folder = course / "course" / "results" / "noisy" / SLUG / "files"
    assert (folder / "written.txt").read_text() == "kept"
    assert not (folder / "link").is_symlink()
    assert not (course / "course" / "autograded" / "noisy" / SLUG / "written.txt").exists()


def test_feedback_says_what_was_tested_and_why_it_failed(course):
    feedback = (course / "course" / "feedback" / "wrong" / SLUG / f"{SLUG}.html").read_text()
    assert "Twice a number is the number added to itself." in feedback
    assert "Twice nothing is nothing." in feedback
    assert "KeyError" in feedback
    assert "<b>mine" not in feedback


def test_a_student_reads_what_was_put_right(course):
    feedback = (course / "course" / "feedback" / "forger" / SLUG / f"{SLUG}.html").read_text()
    assert "cell 'imports' was edited; the released text is used" in feedback
    assert "Put right" not in (course / "course" / "feedback" / "ada" / SLUG / f"{SLUG}.html").read_text()


def test_nothing_hidden_is_released_or_shown(course):
    """Is no test's text, expected value or solution in what students get?"""
    pages = [path for step in ("assignments", "course/feedback") for path in (course / step).rglob("*")]
    texts = {path: path.read_text() for path in pages if path.is_file()}
    assert len(texts) > len(SCORES)
    assert [(path, word) for path, text in texts.items() for word in HIDDEN if word in text] == []
    assert not [path for path in texts if path.name in ("results.json", "junit.xml")]
    assert not [path for path, text in texts.items() if str(course) in text]


def test_autograding_again_keeps_a_manual_grade(course):
    """Does a regrade leave what an instructor decided, and mark it for a look?"""
    database = f"sqlite:///{course}/course/gradebook.db"
    with Gradebook(database) as gradebook:
        gradebook.find_grade("half", SLUG, SLUG, "wrong").manual_score = 0.75
        gradebook.db.commit()
    said = command(course, "autograde", SLUG, "--student=wrong", "--force")
    assert "test_faulty.py::test_faulty is broken" in said, "the instructor reads why"
    assert "RuntimeError: 61728" in said
    with Gradebook(database) as gradebook:
        grade = gradebook.find_grade("half", SLUG, SLUG, "wrong")
        assert (grade.manual_score, grade.score, grade.needs_manual_grade) == (0.75, 0.75, True)


def test_a_new_comment_is_in_the_next_feedback(course):
    """Does it reach the student, though nothing new was submitted? And do names in the gradebook outlast grading?"""
    command(course, "db", "student", "add", "wrong", "--first-name=Wendy", "--last-name=Rong")
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        gradebook.find_comment("solve_half", SLUG, SLUG, "wrong").manual_comment = "Look at zero again"
        gradebook.db.commit()
    page = course / "course" / "feedback" / "wrong" / SLUG / f"{SLUG}.html"
    assert "Look at zero again" not in page.read_text()
    command(course, "autograde", SLUG, "--student=wrong", "--force")
    command(course, "generate_feedback", SLUG, "--student=wrong")
    assert "Look at zero again" in page.read_text()
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        assert gradebook.find_student("wrong").last_name == "Rong"


def test_the_formgraders_button_grades_too(course):
    """Does it grade from inside a server's event loop, and a folder without a notebook as well?"""
    said = python(course, "-c", dedent(BUTTON), SLUG, "ada", "by_hand")
    assert {"ada True", "by_hand True"} <= set(said.splitlines()), said
    results = json.loads((course / "course" / "results" / "ada" / SLUG / "results.json").read_text())
    assert results["score"] == 3.0


def test_without_execution_nothing_is_free(course):
    """Would --no-execute give full points to every cell that printed nothing?"""
    command(course, "autograde", SLUG, "--student=ada", "--force", "--no-execute")
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        grade = gradebook.find_grade("double", SLUG, SLUG, "ada")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)


def test_the_release_has_one_language(course, tmp_path):
    """Does COURSE_LANGUAGE choose it?"""
    shutil.copytree(course / "source", tmp_path / "source")
    shutil.copytree(course / "graders", tmp_path / "graders")
    config = (course / "nbgrader_config.py").read_text()
    (tmp_path / "nbgrader_config.py").write_text(f"import os\nos.environ['COURSE_LANGUAGE'] = 'ja'\n{config}")
    command(tmp_path, "generate_assignment", SLUG)
    japanese = nbformat.read(tmp_path / "assignments" / SLUG / NOTEBOOK, as_version=4)
    english = nbformat.read(course / "assignments" / SLUG / NOTEBOOK, as_version=4)
    assert (english.cells[0].source, japanese.cells[0].source) == ("# Doubling", "# 倍")
    assert len(english.cells) == len(japanese.cells)


def test_a_fresh_clones_gradebook_learns_what_is_released(tmp_path):
    """Is an assignment known after generate_assignment where the release came with the clone?

    With the setting of this course's nbgrader_config.py; a course without it keeps nbgrader's rule.
    """
    make_course(tmp_path)
    setting = "c.GenerateAssignment.force = True\n"
    assert setting in (ROOT / "nbgrader_config.py").read_text()
    with (tmp_path / "nbgrader_config.py").open("a") as file:
        file.write(setting)
    command(tmp_path, "generate_assignment", SLUG)
    released = (tmp_path / "assignments" / SLUG / NOTEBOOK).read_bytes()
    shutil.rmtree(tmp_path / "course")
    command(tmp_path, "generate_assignment", SLUG)
    with Gradebook(f"sqlite:///{tmp_path / 'course' / 'gradebook.db'}", "dl-frameworks") as gradebook:
        assert [assignment.name for assignment in gradebook.assignments] == [SLUG]
    assert (tmp_path / "assignments" / SLUG / NOTEBOOK).read_bytes() == released


def test_without_the_sandbox_nothing_is_graded_but_by_choice(course, tmp_path):
    """Does autograde refuse in one line where the sandbox is missing, and say so where it was given up?"""
    missing = (
        "from autograder.jail import bubblewrap\nbubblewrap.missing = lambda: 'bubblewrap is missing: install it'\n"
    )
    config = (course / "nbgrader_config.py").read_text()
    shutil.copytree(course / "graders", tmp_path / "graders")
    shutil.copytree(course / "assignments", tmp_path / "assignments")
    shutil.copytree(course / "source", tmp_path / "source")
    shutil.copytree(course / "course", tmp_path / "course")
    (tmp_path / "nbgrader_config.py").write_text(missing + config + "\nc.GradeNotebook.sandbox = 'required'\n")
    before = (tmp_path / "course" / "autograded" / "ada" / SLUG / NOTEBOOK).read_bytes()
    said = command(tmp_path, "autograde", SLUG, "--student=ada", "--force", status=1)
    assert "nothing was graded: the sandbox is required but not available: bubblewrap is missing: install it" in said
    assert "Traceback" not in said
    assert (tmp_path / "course" / "autograded" / "ada" / SLUG / NOTEBOOK).read_bytes() == before
    (tmp_path / "nbgrader_config.py").write_text(config + "\nc.GradeNotebook.sandbox = 'off'\n")
    said = command(tmp_path, "autograde", SLUG, "--student=ada", "--force")
    assert "sandbox: off, the notebook could read what you can read" in said
