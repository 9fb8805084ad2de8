"""Attacks on a class by one student's files: nobody else is stopped, in any command, and the exit code is 0."""

from __future__ import annotations

import copy
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from tests.support.classes import MAIN
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, TIME, answer, command, inbound, python, release_plain_course
from tests.support.jails import needs_sandbox

pytestmark = [needs_sandbox, pytest.mark.slow]
HONEST = ("ada", "zoe")
STOCK = "nbgrader.exchange.default"

MAKES_FOLDERS = f"""
import os
for name in ({NOTEBOOK!r}, "timestamp.txt", "submission_secret.txt"):
    if os.path.isfile(name):
        os.remove(name)
    os.makedirs(name + "/x")
    open(name + "/x/y", "w").close()
"""
MAKES_BYTES = """
for name in ("timestamp.txt", "submission_secret.txt", "results.json"):
    open(name, "wb").write(b"\\xff\\xfe")
"""
SURROGATES = """
import json
get_ipython().kernel.session.pack = lambda content: json.dumps(content, default=str).encode()
print("a lone \\ud800")
"""


def deep(folder: Path) -> None:
    """Folders in folders, far deeper than a path may be long."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)


def folder_as_notebook(folder: Path) -> None:
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    (folder / NOTEBOOK / "x.txt").touch()


def many(folder: Path) -> None:
    (folder / "m").mkdir()
    for number in range(20_500):
        (folder / "m" / str(number)).touch()


def large(folder: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(200_000_000)


def read_only(folder: Path) -> None:
    (folder / "made.txt").touch(0o444)
    (folder / "made.txt").chmod(0o444)


IN_FILES: dict[str, Callable[[Path], object]] = {
    "folder_as_notebook": folder_as_notebook,
    "other_folder_as_notebook": lambda folder: (folder / "other.ipynb").mkdir(),
    "no_secret": lambda folder: (folder / "submission_secret.txt").unlink(),
    "secret_of_bytes": lambda folder: (folder / "submission_secret.txt").write_bytes(b"\xff\xfe"),
    "time_of_bytes": lambda folder: (folder / "timestamp.txt").write_bytes(b"\xff\xfe"),
    "time_is_a_pipe": lambda folder: ((folder / "timestamp.txt").unlink(), os.mkfifo(folder / "timestamp.txt")),
    "read_only": read_only,
    "deep": deep,
    "many": many,
    "large": large,
    "names": lambda folder: (folder / "a\x1b[31m\n::error::x.txt").touch(),
}
NEGATIVE = "get_ipython().execution_count = -5"
IN_CELLS = {
    "makes_folders": MAKES_FOLDERS, "makes_bytes": MAKES_BYTES, "surrogates": SURROGATES, "negative": NEGATIVE,
}  # fmt: skip
STILL_RIGHT = set(IN_FILES) - {"folder_as_notebook", "large"} | set(IN_CELLS)
"""Whose notebook is graded as it is: it is right."""
NAMES = (
    f"who+{SLUG}+no time+x", f"who+{SLUG}+", f"\x1b[2J\n::error::x+{SLUG}+{TIME}+x", f"+{SLUG}+{TIME}+x",
    f"late+{SLUG}+9999-12-31 20:00:00 -1400+x", f"early+{SLUG}+0001-01-01 00:00:00 UTC+x",
)  # fmt: skip
"""Entries of the exchange that are no submission."""


def autograder(root: Path, *arguments: str, before: str = "", status: int = 0) -> str:
    return python(root, "-c", before + MAIN, "autograde", SLUG, *arguments, status=status)


def handed_in(root: Path, student: str, *sources: str) -> Path:
    """A right notebook of a student's in the exchange, with cells of their own; its folder."""
    nb = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    nb = answer(copy.deepcopy(nb), **ANSWERS)
    nb.cells[3:3] = [new_code_cell(source) for source in sources]
    path = inbound(root, student)
    nbformat.write(nb, path)
    (path.parent / "submission_secret.txt").write_text(f"secret-of-{student}")
    return path.parent


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course with two honest students, and one for each attack."""
    root = tmp_path_factory.mktemp("course")
    release_plain_course(root)
    for student in HONEST:
        handed_in(root, student)
    for student, spoil in IN_FILES.items():
        spoil(handed_in(root, student))
    for student, source in IN_CELLS.items():
        handed_in(root, student, source)
    exchange = root / "course" / "exchange" / "dl-frameworks" / "inbound"
    for name in NAMES:
        (exchange / name).mkdir()
    yield root
    subprocess.run(["rm", "-rf", root], check=True)  # Python's own functions do not remove folders so deep


@pytest.fixture(scope="module")
def said(course: Path) -> dict[str, str]:
    """What each command says about this class; each ends with 0."""
    return {
        "collect": command(course, "collect", SLUG),
        "autograde": autograder(course),
        "generate_feedback": command(course, "generate_feedback", SLUG),
        "release_feedback": command(course, "release_feedback", SLUG),
        "export": command(course, "export"),
        "report": python(course, "-c", MAIN, "report", SLUG),
    }


def scores(course: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as book:
        return {one.student_id: one.score for one in book.assignment_submissions(SLUG)}


def test_everybody_is_graded(course: Path, said: dict[str, str]) -> None:
    right = [*HONEST, *STILL_RIGHT]
    assert f"{len(HONEST) + len(IN_FILES) + len(IN_CELLS)} graded, 0 pending, 0 broken, 0 failed" in said["autograde"]
    full = scores(course)["ada"]
    assert {student: score for student, score in scores(course).items() if student in right} == dict.fromkeys(
        right, full
    )


def test_stock_commands_grade_everybody_too(course: Path, said: dict[str, str]) -> None:
    before = scores(course)
    command(course, "autograde", SLUG, "--force")
    assert scores(course) == before


def test_everybody_who_can_gets_feedback(course: Path, said: dict[str, str]) -> None:
    pages = list((course / "course" / "exchange" / "dl-frameworks" / "feedback").glob("*.html"))
    assert len(pages) == len(HONEST) + len(IN_FILES) + len(IN_CELLS) - 2
    for student in ("no_secret", "secret_of_bytes"):
        assert f"  {student}: feedback was not released" in said["release_feedback"]


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("folder_as_notebook", "this is a folder; it is graded 0"),
        ("no_secret", "submission_secret.txt is missing"),
        ("deep", "more than 12 deep"),
        ("many", "more than 2000 files"),
        ("large", "too large"),
        ("names", "cannot be shown"),
        ("who", "not a time"),
        ("late", "not a time of the years"),
        ("early", "not a time of the years"),
    ],
)
def test_each_has_a_line_of_their_own_at_the_end(said: dict[str, str], student: str, words: str) -> None:
    _, _, end = said["collect"].partition("who needs a look")
    lines = [line for line in end.splitlines() if f"  {student}: " in line and words in line]
    assert lines
    assert all("ask the student" in line or "stays in the exchange" in line for line in lines)


def test_no_message_has_an_escape_sequence_or_begins_with_a_command(said: dict[str, str]) -> None:
    for text in said.values():
        assert "\x1b[2J" not in text
        assert "\x1b[31m\n" not in text
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


def test_platforms_folders_hold_what_the_platform_wrote(course: Path, said: dict[str, str]) -> None:
    """Is what a notebook wrote with the results, and nothing of it in the folders that pages are made of?"""
    ours = {NOTEBOOK, "timestamp.txt", "submission_secret.txt", "data.txt"}
    for student in [*HONEST, *IN_FILES, *IN_CELLS]:
        folder = course / "course" / "autograded" / student / SLUG
        assert {path.name for path in folder.rglob("*")} <= ours
        assert all(path.is_file() for path in folder.iterdir())
        assert (folder / "timestamp.txt").read_text() == TIME
        page = course / "course" / "feedback" / student / SLUG
        assert {path.name for path in page.rglob("*")} <= ours - {NOTEBOOK} | {f"{SLUG}.html"}
    kept = course / "course" / "results" / "makes_folders" / SLUG / "files"
    assert (kept / NOTEBOOK / "x" / "y").is_file()


def test_without_the_checks_collect_ends_at_one_student(course: Path, said: dict[str, str]) -> None:
    """The protection taken out: nbgrader's own collect."""
    text = command(course, "collect", SLUG, "--update", f"--ExchangeFactory.collect={STOCK}.ExchangeCollect", status=1)
    assert "Error" in text


def test_without_the_checks_release_ends_at_one_student(course: Path, said: dict[str, str]) -> None:
    stock = f"--ExchangeFactory.release_feedback={STOCK}.ExchangeReleaseFeedback"
    assert "Error: " in command(course, "release_feedback", SLUG, stock, status=1)


def test_with_the_files_beside_the_notebook_it_cannot_be_written(course: Path, said: dict[str, str]) -> None:
    """The protection taken out: what a notebook wrote goes where the graded notebook goes."""
    beside = (
        "from autograder.bridge.hidden import HiddenGraders as H; "
        "H.written = lambda self, about: self.folder("
        "self.coursedir.autograded_directory, about['nbgrader']['student'], about['nbgrader']['assignment']); "
    )
    text = autograder(course, "--force", "--student", "makes_folders", before=beside, status=3)
    assert "1 failed" in text
    autograder(course, "--force", "--student", "makes_folders")


def test_with_a_lone_surrogate_the_notebook_cannot_be_written(course: Path, said: dict[str, str]) -> None:
    """The protection taken out where nbgrader grades in one process: what arrived as text is written as it is."""
    as_it_is = "from autograder.reports import scored; scored.encodable = lambda value: value; "
    nbgrader = "from nbgrader.apps.nbgraderapp import main; main()"
    text = python(course, "-c", as_it_is + nbgrader, "autograde", SLUG, "--student", "surrogates", "--force", status=1)
    assert "surrogates not allowed" in text
    autograder(course, "--force", "--student", "surrogates")
