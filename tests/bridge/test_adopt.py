"""Is a course that exists graded as before once it is adopted, with its own folders, and can that be undone?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.bridge.adopt import adopt, look_at, undo
from autograder.bridge.adopt_lines import BEGIN, BLOCK
from autograder.bridge.course_settings import course_settings, folders_in
from autograder.classroom.record import Recorder
from autograder.cli import app
from autograder.errors import BadInput
from tests.support.builders import graded, notebook, solution, text
from tests.support.courses import TIME, answer, command, python
from tests.support.jails import needs_sandbox

SLUG = "week1"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "kettles"
c.CourseDirectory.release_directory = "handout"
c.CourseDirectory.db_url = "sqlite:///grades.db"
c.Execute.timeout = 40
c.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
"""
STUDENTS = {
    "half": {"solve": "def double(x):\n    return {2: 4}[x]", "solve_part": "part = 0.5"},
    "right": {"solve": "def double(x):\n    return 2 * x", "solve_part": "part = 2"},
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """An nbgrader course: most folders are nbgrader's own, some are the course's."""
    make(tmp_path)
    return tmp_path


def make(root: Path) -> None:
    book = notebook(
        text("# Kettles", "title"),
        solution("solve", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
        graded(
            "double", 2, "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS"
        ),
        solution("solve_part", "### BEGIN SOLUTION\npart = 2\n### END SOLUTION"),
        graded("part", 2, "part"),
    )
    (root / "source" / SLUG).mkdir(parents=True)
    nbformat.write(book, root / "source" / SLUG / "kettle.ipynb")
    (root / "nbgrader_config.py").write_text(CONFIG)


def hand_in(root: Path, name: str = "kettle") -> None:
    command(root, "generate_assignment", SLUG)
    for student, answers in STUDENTS.items():
        folder = root / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        book = nbformat.read(root / "handout" / SLUG / f"{name}.ipynb", as_version=4)
        nbformat.write(answer(book, **answers), folder / f"{name}.ipynb")
        (folder / "timestamp.txt").write_text(TIME)


def scores(root: Path) -> dict[tuple[str, str], float]:
    with Gradebook(f"sqlite:///{root}/grades.db", "kettles") as gradebook:
        grades = [grade for one in gradebook.assignment_submissions(SLUG) for grade in one.notebooks[0].grades]
        return {(grade.student.id, grade.name): grade.auto_score for grade in grades}


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@needs_sandbox
def test_an_adopted_course_gets_nbgraders_scores_in_its_own_folders(course: Path, tmp_path: Path) -> None:
    """Both commands, and the same course graded by nbgrader alone beside it."""
    hand_in(course)
    stock = tmp_path.with_name(f"{tmp_path.name}-stock")
    shutil.copytree(course, stock)
    command(stock, "autograde", SLUG)
    expected = scores(stock)
    assert expected == {("half", "double"): 0, ("half", "part"): 0.5, ("right", "double"): 2, ("right", "part"): 2}
    books = {name: content for name, content in everything(course).items() if name.endswith(".ipynb")}
    adopt(look_at(course))
    command(course, "autograde", SLUG, "--student", "half")
    said = python(course, "-c", "from autograder.cli import main; main()", "autograde", SLUG)
    assert said.startswith("2 graded"), said
    assert scores(course) == expected
    assert books.items() <= everything(course).items()
    assert sorted(path.name for path in (course / "autograded").iterdir()) == ["half", "right"]
    assert (course / "course" / ".gitignore").read_text() == "*\n"
    assert not (course / "results").exists()


GRADER = '''
import pytest

from autograder.grading import check, value


@pytest.mark.points(2)
def test_it_is_two(student):
    """The part is 2."""
    check(value(student.part) == 2, "part must be 2", got=student.part)
'''


@needs_sandbox
@pytest.mark.parametrize("grader", ["nbgrader", "autograder"])
def test_one_cell_gets_a_hidden_grader_and_the_others_keep_their_asserts(course: Path, grader: str) -> None:
    """The notebook has its assignment's name; hidden tests in the other cell still decide its points."""
    source = course / "source" / SLUG
    (source / "kettle.ipynb").rename(source / f"{SLUG}.ipynb")
    adopt(look_at(course))
    (course / "graders" / SLUG).mkdir(parents=True)
    (course / "graders" / SLUG / "test_part.py").write_text(GRADER)
    hand_in(course, SLUG)
    if grader == "nbgrader":
        command(course, "autograde", SLUG)
    else:
        python(course, "-c", "from autograder.cli import main; main()", "autograde", SLUG)
    expected = {("half", "double"): 0, ("half", "part"): 0, ("right", "double"): 2, ("right", "part"): 2}
    assert scores(course) == expected


@pytest.mark.parametrize("where", ["c.Autograde.autograde_preprocessors = ['tests.bridge.test_config.Own']", BLOCK])
def test_nothing_is_executed_by_nbgraders_own_settings(course: Path, where: str) -> None:
    """nbgrader logs what a configuration raises, and goes on: here it would execute students' code as the user."""
    hand_in(course)
    adopt(look_at(course))
    config, wrong = course / "nbgrader_config.py", where
    if where == BLOCK:
        wrong = "import sys\nsys.modules['autograder.bridge.config'] = None  # as if it were not installed here"
    config.write_text(config.read_text().replace(BEGIN, f"{wrong}\n{BEGIN}"))
    said = command(course, "autograde", SLUG, status=1)
    assert said.splitlines()[-1].startswith(
        str(config) if where == BLOCK else f"autograder: {config}: the preprocessor"
    )
    assert not (course / "autograded").exists()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG, "Autograde.sanitize_preprocessors leaves its steps out): run 'autograder adopt' once"),
        (
            f"c = get_config()\n{BLOCK}c.Autograde.sanitize_preprocessors = []\n",
            "does not grade with the platform (Autograde.sanitize_preprocessors leaves its steps out)",
        ),
        ("c = get_config(\n", "cannot be read (SyntaxError: "),
        ("raise SystemExit('not today')\n", "not today"),
    ],
)
def test_a_class_is_never_graded_by_other_settings(course: Path, config: str, said: str) -> None:
    """The command would execute students' code in its own process."""
    (course / "nbgrader_config.py").write_text(config)
    with pytest.raises(BadInput) as refused:
        Recorder(course, SLUG)
    assert said in str(refused.value)


def test_the_lines_are_taken_out_again(course: Path) -> None:
    adopt(look_at(course))
    assert (course / "nbgrader_config.py").read_text().endswith(BLOCK)
    again = look_at(course)
    assert again.adopted
    assert again.folders == look_at(course).folders
    undo(course)
    assert (course / "nbgrader_config.py").read_text().strip() == CONFIG.strip()
    with pytest.raises(BadInput, match="nothing to undo"):
        undo(course)


def test_a_course_without_a_configuration_has_none_afterwards(course: Path) -> None:
    (course / "nbgrader_config.py").unlink()
    adopt(look_at(course))
    assert (course / "nbgrader_config.py").read_text() == BLOCK
    undo(course)
    assert not (course / "nbgrader_config.py").exists()


def test_what_is_there_is_said_and_nothing_is_written_unasked(course: Path) -> None:
    before = everything(course)
    (found,) = look_at(course).assignments
    (book,) = found.notebooks
    assert (found.name, found.released) == (SLUG, False)
    assert (book.answers, book.tests, book.by_hand, book.hidden, book.points) == (2, 2, 0, 1, 4)
    said = CliRunner().invoke(app, ["adopt", str(course)], env={"COLUMNS": "200"})
    assert isinstance(said.exception, BadInput)
    assert "--yes" in str(said.exception)
    assert everything(course) == before
    for row in (
        ["Autograde.exporter_class", "nbconvert.exporters.NotebookExporter", "SubmissionExporter"],
        ["CourseDirectory.course_id", "kettles", "stays"],
        ["CourseDirectory.release_directory", "handout", "stays"],
    ):
        assert row in [[cell.strip() for cell in line.strip("│").split("│")] for line in said.output.splitlines()]
    assert BEGIN in said.output


@pytest.mark.parametrize(
    ("book", "trouble"),
    [
        ("{", "cannot be read"),
        (notebook(graded("a", 1, "1"), graded("b", 1, "1")), "two cells are named b"),
        (notebook(solution("a")), "its kernel is ir"),
    ],
)
def test_a_notebook_that_will_make_trouble_is_named(course: Path, book: object, trouble: str) -> None:
    path = course / "source" / SLUG / "kettle.ipynb"
    if isinstance(book, str):
        path.write_text(book)
    else:
        book.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}  # type: ignore[attr-defined]
        book.cells[0].metadata.nbgrader.grade_id = book.cells[-1].metadata.nbgrader.grade_id  # type: ignore[attr-defined]
        nbformat.write(book, path)
    assert trouble in look_at(course).assignments[0].notebooks[0].trouble


def test_a_setting_that_undoes_the_lines_is_refused_and_nothing_has_changed(course: Path) -> None:
    """nbgrader reads nbgrader_config.json after nbgrader_config.py."""
    steps = {"Autograde": {"autograde_preprocessors": ["nbgrader.preprocessors.Execute"]}}
    (course / "nbgrader_config.json").write_text(json.dumps(steps))
    before = (course / "nbgrader_config.py").read_bytes()
    with pytest.raises(BadInput, match=r"sets Autograde\.autograde_preprocessors after .*nothing was changed"):
        adopt(look_at(course))
    assert (course / "nbgrader_config.py").read_bytes() == before


def test_what_cannot_be_adopted_is_one_line(course: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no nbgrader course"):
        look_at(tmp_path / "elsewhere")
    (course / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(BadInput, match="cannot be read"):
        look_at(course)


def test_every_command_goes_by_the_folders_of_the_course(course: Path) -> None:
    adopt(look_at(course))
    (course / "secret").mkdir()
    config = course / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.HiddenGraders.directory = 'secret'\n" + config.read_text())
    assert folders_in(course) == (course / "secret", course / "handout")
    settings = course_settings(course)
    assert settings.db_url == f"sqlite:///{course}/grades.db"
    assert settings.data == str(course / "course")
    config.write_text("")
    assert folders_in(course)[1] == course / "assignments"
    (course / "release").mkdir()
    assert folders_in(course)[1] == course / "release"


def test_the_course_may_lie_elsewhere_than_its_configuration(course: Path, tmp_path: Path) -> None:
    """As nbgrader has it: a relative gradebook is beside the configuration, every folder is in the course's root."""
    home = tmp_path.with_name(f"{tmp_path.name}-home")
    home.mkdir()
    (course / "nbgrader_config.py").rename(home / "nbgrader_config.py")
    with (home / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.root = {str(course)!r}\n")
    found = look_at(home)
    adopt(found)
    assert [one.name for one in found.assignments] == [SLUG]
    assert found.graders == course / "graders"
    settings = course_settings(home)
    assert settings.release == str(course / "handout")
    assert settings.path("submitted", "ada", SLUG) == course / "submitted" / "ada" / SLUG
    assert settings.db_url == f"sqlite:///{home}/grades.db"
    assert folders_in(home)[1] == course / "handout"
