"""Attacks on pages: the worst that can be handed in and written, through the real commands, among honest students."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.bridge.page_room import PAGE
from tests.support.classes import MAIN
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, answer, command, inbound, python, release_plain_course
from tests.support.jails import needs_sandbox
from tests.support.worst_pages import filled, picture

pytestmark = [needs_sandbox, pytest.mark.slow]
HONEST = ("ada", "zoe")
BOOK_BYTES = 60_000_000
MORE_MB = 400
"""What the worst submission may take beyond an honest one."""
NBGRADER = """
import sys
from nbgrader.apps.nbgraderapp import main
try:
    main()
finally:
    print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def shows(kind: str, value: str) -> NotebookNode:
    """A cell that displays something."""
    return new_code_cell(f"from IPython.display import display\ndisplay({{{kind!r}: {value}}}, raw=True)")


def attached(most: int, often: int) -> NotebookNode:
    pictures = {"p.png": {"image/png": picture(most)}}
    return new_markdown_cell("![p](attachment:p.png)\n" * often, attachments=pictures)


WORST: dict[str, list[NotebookNode]] = {
    "prints": [new_code_cell("print('&' * 1_048_000)")] * 4,
    "lines": [shows("text/plain", "'a\\n' * 340_000")] * 4,
    "colours": [new_code_cell("print('\\x1b[1m<' * 100_000)")] * 4,
    "code": [new_code_cell(filled("'&<>'\n", 980))] * 990,
    "empty_lines": [new_code_cell(" \n" * 400_000 + "x = 1")],
    "texts": [new_markdown_cell(filled("$\\frac{a}{b}$ ", 20_000))] * 48,
    "pictures": [attached(1_000_000, 1)] * 7,
    "small_pictures": [attached(8_000, 40)] * 900,
    "images": [shows("image/png", "'A' * 1_000_000")] * 4,
    "tables": [shows("text/html", "'<table><tr><td>1</td></tr></table>' * 1_900")] * 60,
    "blanks": [shows("text/latex", "' ' * 1_000_000")] * 4,
    "nested": [shows("application/json", "__import__('json').loads('[' * 300 + '1,' * 100_000 + '1' + ']' * 300)")] * 4,
    "outputs": [
        new_code_cell("from IPython.display import display\nfor _ in range(990): display({'text/plain': ''}, raw=True)")
    ]
    * 20,
    "widget": [shows("application/vnd.jupyter.widget-view+json", "'x'")],
}
PLAINER = {"prints", "code", "texts", "pictures", "small_pictures", "images", "tables", "outputs"}
"""Of whose pages something is left out, or shown as plain text."""
BROKEN = "zz"
"""Whose graded notebook cannot be read, though the platform wrote it."""


def handed_in(root: Path, student: str, cells: list[NotebookNode]) -> None:
    """A right notebook of a student's in the exchange, with cells of their own."""
    nb = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    nb = answer(copy.deepcopy(nb), **ANSWERS)
    own = [nbformat.from_dict({**cell, "id": f"own-{number}"}) for number, cell in enumerate(cells)]
    nb.cells[3:3] = own
    path = inbound(root, student)
    nbformat.write(nb, path)
    (path.parent / "submission_secret.txt").write_text(f"secret-of-{student}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class: two honest students, one for each attack, and one whose graded notebook is broken."""
    root = tmp_path_factory.mktemp("course")
    release_plain_course(root)
    for student in (*HONEST, BROKEN):
        handed_in(root, student, [])
    for student, cells in WORST.items():
        handed_in(root, student, cells)
    command(root, "collect", SLUG)
    python(root, "-c", MAIN, "autograde", SLUG)
    book = graded(root, BROKEN)
    book.chmod(0o644)
    book.write_text(book.read_text()[:-100])
    return root


def graded(root: Path, student: str) -> Path:
    return root / "course" / "autograded" / student / SLUG / NOTEBOOK


def page(root: Path, student: str) -> Path:
    return root / "course" / "feedback" / student / SLUG / f"{SLUG}.html"


def feedback(root: Path, *arguments: str, before: str = "", status: int = 0) -> tuple[str, float]:
    """What generate_feedback says, and the most memory that it had, in MB."""
    said = python(root, "-c", before + NBGRADER, "generate_feedback", SLUG, *arguments, status=status)
    peak = next(line for line in reversed(said.splitlines()) if line.startswith("VmHWM"))
    return said, int(peak.split()[1]) / 1024


@pytest.fixture(scope="module")
def said(course: Path) -> dict[str, Any]:
    alone, base = feedback(course, "--student", "ada")
    everybody, peak = feedback(course)
    return {"alone": alone, "base": base, "everybody": everybody, "peak": peak}


@pytest.mark.parametrize("student", [*HONEST, *WORST])
def test_everybody_has_a_page_that_is_small_and_says_what_is_missing(
    course: Path, said: dict[str, Any], student: str
) -> None:
    html = page(course, student).read_text()
    assert len(html.encode()) <= PAGE
    assert html.count("autograder-feedback") == 2
    assert "Twice a number is the number added to itself." in html
    assert ("left out: " in html or "shown as plain text" in html) == (student in PLAINER)


def test_graded_notebooks_are_small(course: Path) -> None:
    for student in (*HONEST, *WORST):
        assert graded(course, student).stat().st_size <= BOOK_BYTES


def test_memory_is_bounded(said: dict[str, Any]) -> None:
    assert said["peak"] <= said["base"] + MORE_MB


def test_what_cannot_be_read_is_one_students_line(course: Path, said: dict[str, Any]) -> None:
    """And the command ends with 0; for this student alone it does not."""
    _, _, end = said["everybody"].partition("who needs a look (1)")
    assert f"  {BROKEN}: got no feedback (" in end
    assert not page(course, BROKEN).exists()
    alone, _ = feedback(course, "--student", BROKEN, status=1)
    assert f"  {BROKEN}: got no feedback (" in alone


def test_without_the_line_the_command_fails(course: Path, said: dict[str, Any]) -> None:
    """The protection taken out: nbgrader's own way through a class."""
    before = "from autograder.bridge import one_by_one; one_by_one.install = lambda: None\n"
    text, _ = feedback(course, "--student", "z*", before=before, status=1)
    assert "who needs a look" not in text
    text, _ = feedback(course, "--student", "z*")
    assert "who needs a look" in text


def test_with_stock_pages_they_are_large_and_one_student_has_none(course: Path, said: dict[str, Any]) -> None:
    """The protection taken out: nbconvert's own filters."""
    before = "from autograder.bridge import config; config.configure_pages = lambda c: None\n"
    feedback(course, "--student", "prints", before=before)
    assert page(course, "prints").stat().st_size > 3 * PAGE
    feedback(course, "--student", "widget", before=before, status=1)
    for student in ("prints", "widget"):
        feedback(course, "--student", student)


def test_with_structure_a_graded_notebook_is_large(course: Path, said: dict[str, Any], tmp_path: Path) -> None:
    """The protection taken out: outputs are kept as they come."""
    before = "from autograder.grading import cell_client; cell_client.without_structure = lambda content: None\n"
    python(course, "-c", before + NBGRADER, "autograde", SLUG, "--student", "nested", "--force")
    assert graded(course, "nested").stat().st_size > 2 * BOOK_BYTES
    command(course, "autograde", SLUG, "--student", "nested", "--force")
