"""Attacks on who reads: through nbgrader's own autograde, feedback, formgrader pages and export."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins.export import CsvExportPlugin
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.bridge import execute, export
from autograder.bridge.config import commands_on_path, configure
from autograder.grading import cell_client, verdict
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.lane import Lane
from autograder.jail.warm import WarmJail
from autograder.notebook.cells import grade_id
from tests.support.courses import HIDDEN, SLUG, make_course
from tests.support.jails import jailed as jailed_in
from tests.support.jails import needs_sandbox, run, small_jail
from tests.support.paths import ROOT

pytestmark = [needs_sandbox, pytest.mark.filterwarnings("ignore:Object of type <Submitted", "ignore:Your element")]
NOTEBOOK = f"{SLUG}.ipynb"
HONEST = {"solve_double": "def double(x): return 2 * x", "solve_half": "def half(x): return x / 2"}

IN_TEXT = """<script>alert('text')</script><img src=x onerror=alert(2)><iframe src="data:text/html,x"></iframe>

[link](javascript:alert(3)) <a href="javascript:alert(4)">x</a> <a href="data:text/html,<script>x</script>">x</a>
<img src="http://192.0.2.1/seen"> <form action="/formgrader/api/x"><input autofocus onfocus=alert(5)></form>
<style>* {display: none}</style> <div style="position:fixed;top:0;background:url(http://192.0.2.1/x)">cover</div>
"""
IN_OUTPUTS = """
from IPython.display import display
evil = "<script>alert('output')</script><img src=x onerror=alert(6)><a href='javascript:alert(7)'>x</a>"
for kind in ("text/html", "text/markdown", "image/svg+xml", "application/javascript", "text/latex", "text/plain",
             "application/vnd.jupyter.widget-view+json", "application/vnd.plotly.v1+json"):
    display({kind: evil if "json" not in kind else {"model_id": evil}}, raw=True)
display({"image/png": "x"}, raw=True, metadata={"image/png": {"width": "1 onerror=alert(8)", "alt": '"><script>'}})
display({"text/html": evil}, raw=True, metadata={"text/html": {"isolated": True}})
print(evil, "\\x1b[31m", evil)
raise type("<script>alert(9)", (Exception,), {})(evil)
"""
IN_ANSWER = f"def double(x): raise ValueError({IN_TEXT!r})"

ON_THE_GRADEBOOK = """
import glob, os, sqlite3
for path in glob.glob("/*/gradebook.db") + glob.glob("/*/*/*/gradebook.db") + ["gradebook.db", "../../gradebook.db"]:
    try:
        with sqlite3.connect(path) as db:
            db.execute("update grade set auto_score = 99, manual_score = 99, needs_manual_grade = 0")
    except sqlite3.Error:
        pass
for name in ("results.json", "junit.xml", "doubling.html", "../results.json", "grades.csv", "nbgrader_config.py"):
    try:
        open(name, "w").write('{"schema": 1, "score": 99.0}')
    except OSError:
        pass
"""
SHOWS_PATHS = """
import json, sys
from IPython.display import display
said = "\\n".join([sys.prefix, sys.base_prefix, *sys.path, json.__file__, open("/proc/self/mountinfo").read()])
print(said)
print(said, file=sys.stderr)
for kind in ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"):
    display({kind: said}, raw=True, metadata={"where": said})
display({"application/json": {"a": [said], said: 1}}, raw=True)
handle = display({"text/plain": "x"}, raw=True, display_id="x")
display({"text/plain": said}, raw=True, display_id="x", update=True)
said
"""
RAISES_PATHS = f"""{SHOWS_PATHS}
def double(x): raise ValueError(said)
raise type(said.splitlines()[0], (Exception,), {{}})(said)"""
FORMULA = "=cmd|' /C calc'!A0"


class Course:
    """A class that nbgrader grades in jails, in this process."""

    def __init__(self, root: Path) -> None:
        make_course(root)
        self.root = root
        self.config = Config()
        configure(self.config, root, data=root / "course")
        self.config.HiddenGraders.directory = str(root / "graders")
        self.coursedir = CourseDirectory(config=self.config)
        self.api = NbGraderAPI(self.coursedir, config=self.config)
        assert self.api.generate_assignment(SLUG)["success"]

    def graded(self, student: str, *cells: NotebookNode, files: dict[str, str] | None = None, **answers: str) -> None:
        """Hand in the released notebook with these answers and cells of one's own, and grade it."""
        nb = nbformat.read(self.root / "assignments" / SLUG / NOTEBOOK, as_version=4)
        for cell in nb.cells:
            cell.source = answers.get(grade_id(cell) or "", cell.source)
        nb.cells[1:1] = cells
        folder = self.root / "course" / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        nbformat.write(nb, folder / NOTEBOOK)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        for step in (self.api.autograde, self.api.generate_feedback):
            done = step(SLUG, student)
            assert done["success"], done["log"]

    def scores(self, student: str) -> tuple[float | None, ...]:
        """Points of the cells double, half and stock, as the gradebook has them."""
        with Gradebook(self.coursedir.db_url) as book:
            grades = [book.find_grade(cell, SLUG, SLUG, student) for cell in ("double", "half", "stock")]
            assert all(grade.manual_score is None for grade in grades)
            return tuple(grade.auto_score for grade in grades)

    def feedback(self, student: str) -> str:
        """The page that the student gets."""
        return (self.root / "course" / "feedback" / student / SLUG / f"{SLUG}.html").read_text()

    def formgrader(self, student: str, config: Config | None = None) -> str:
        """The page that the instructor grades on, made as nbgrader's SubmissionHandler makes it."""
        chosen = Config(self.config if config is None else config)
        chosen.HTMLExporter.template_name = "formgrade"
        chosen.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        about = dict.fromkeys(("assignment_id", "notebook_id", "submission_id", "student", "last_name"), SLUG)
        about |= {"index": 0, "total": 1, "base_url": "", "first_name": None, "notebook_path": "x"}
        path = self.root / "course" / "autograded" / student / SLUG / NOTEBOOK
        return HTMLExporter(config=chosen).from_filename(str(path), resources=about)[0]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with small_jail() as made:
        yield made


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, jail: WarmJail) -> Iterator[Course]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COURSE_DATA", "NBGRADER_DB_URL", "NBGRADER_EXCHANGE", "COURSE_LANGUAGE", "AUTOGRADER_ROOT"):
            patch.delenv(name, raising=False)
        patch.setenv("PATH", os.environ["PATH"])
        commands_on_path()
        kernels = partial(jailed_kernel, jail=jail)
        patch.setattr(execute, "lane_for", lambda *policy, **how: Lane(kernels, jailed=True, note="sandbox: on"))
        made = Course(tmp_path_factory.mktemp("course"))
        made.graded("ada", **HONEST)
        made.graded("page", new_markdown_cell(IN_TEXT), new_code_cell(IN_OUTPUTS), solve_double=IN_ANSWER)
        made.graded("paths", new_code_cell(SHOWS_PATHS), solve_double=RAISES_PATHS)
        made.graded("book", new_code_cell(ON_THE_GRADEBOOK), files=dict.fromkeys(FILES, '{"score": 99}'))
        with Gradebook(made.coursedir.db_url) as book:
            book.add_student(FORMULA)  # no such name comes in from the exchange, but a gradebook may have it
        yield made


FILES = ("gradebook.db", "results.json", "nbgrader_config.py", f"{SLUG}.html", "sitecustomize.py")


class Active(HTMLParser):
    """What in a page runs, loads from elsewhere or sends something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = tag == "script"
        if tag in ("script", "iframe", "object", "embed", "form", "meta", "base", "link"):
            self.found.append(f"<{tag} {attrs}>")
        for name, value in attrs:
            text = (value or "").strip().lower()
            remote = name in ("src", "action", "srcset") and re.match(r"(https?:)?//", text)
            if name.startswith("on") or text.startswith(("javascript:", "data:text")) or remote or "url(" in text:
                self.found.append(f"{name}={value}")
            if name == "style" and "position" in text:
                self.found.append(text)

    def handle_data(self, data: str) -> None:
        if self._script and "alert" in data:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = False


def active(html: str) -> set[str]:
    return set(Active(html).found)


def test_who_is_honest_keeps_the_exact_score(course: Course) -> None:
    assert course.scores("ada") == (2.0, 1.0, 1.0)


@pytest.mark.parametrize("student", ["page", "book"])
def test_nobody_writes_into_the_gradebook(course: Course, student: str) -> None:
    assert course.scores(student) == (0.0, 0.0, 1.0)
    results = (course.root / "course" / "results" / student / SLUG / "results.json").read_text()
    assert '"score": 0.0' in results


def test_a_file_of_the_name_does_not_replace_the_feedback(course: Course) -> None:
    page = course.feedback("book")
    assert "0 of 2 points" in page
    assert page.startswith("<!DOCTYPE html>")


def places(course: Course, student: str) -> set[str]:
    """Which of this machine's folders are named in what a student or an instructor reads about a submission."""
    notebook = course.root / "course" / "autograded" / student / SLUG / NOTEBOOK
    results = course.root / "course" / "results" / student / SLUG
    texts = [course.feedback(student), course.formgrader(student), notebook.read_text()]
    texts += [path.read_text() for path in results.glob("*.*")]
    folders = {sys.prefix, sys.base_prefix, str(course.root), f"{Path.home()}/", str(ROOT), "/tmp/ag-"}
    return {folder for folder in folders for text in texts if folder in text}


def test_nothing_shows_where_things_lie(course: Course) -> None:
    assert places(course, "paths") == set()
    assert "python/lib" in course.feedback("paths")


def test_without_hiding_all_kinds_of_output_show_it(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protection taken out."""
    monkeypatch.setattr(cell_client, "hide_paths_in_output", lambda content, home: None)
    monkeypatch.setattr(verdict, "hide_paths", lambda text: text)
    course.graded("open", new_code_cell(SHOWS_PATHS), solve_double=RAISES_PATHS)
    assert {sys.prefix, "/tmp/ag-"} <= places(course, "open")


@pytest.mark.parametrize("page", ["feedback", "formgrader"])
def test_nothing_of_a_students_runs_in_a_page(course: Course, page: str) -> None:
    honest, hostile = (getattr(course, page)(student) for student in ("ada", "page"))
    assert active(hostile) - active(honest) == set()
    assert "cover" in hostile
    assert "alert" in hostile, "the text is there, as text"
    assert not [word for word in HIDDEN if word in hostile]


def test_as_nbconvert_makes_pages_scripts_run(course: Course) -> None:
    """The protection taken out: the same notebook through stock settings."""
    honest, hostile = (course.formgrader(student, Config()) for student in ("ada", "page"))
    found = active(hostile) - active(honest)
    for part in ("alert('text')", "alert('output')", "onerror=alert(2)", "javascript:alert(4)", "alert(8)"):
        assert any(part in what for what in found), part


def test_feedback_keeps_its_form(course: Course) -> None:
    """Is what the platform itself writes there still markup, and are formulas of text cells as they were?"""
    feedback, formgrader = course.feedback("ada"), course.formgrader("ada")
    for html in (feedback, formgrader):
        assert '<div class="autograder-feedback tex2jax_ignore mathjax_ignore">' in html
    assert "list-style-type:none" in formgrader.replace(": ", ":")
    assert "<b>2 of 2 points</b>" in formgrader
    assert '<ul class="tests">' in feedback
    assert '<span class="score">2 of 2 points</span>' in feedback


def grades(course: Course, plugin: type, path: Path) -> list[list[str]]:
    made = plugin(config=course.config)
    made.to = str(path)
    with Gradebook(course.coursedir.db_url) as book:
        made.export(book)
    return list(csv.reader(path.read_text().splitlines()))


def test_no_cell_of_the_export_is_a_formula(course: Course, tmp_path: Path) -> None:
    rows = grades(course, export.CsvExport, tmp_path / "ours.csv")
    stock = grades(course, CsvExportPlugin, tmp_path / "stock.csv")
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert [cell for row in stock for cell in row if cell.startswith("=")] == [FORMULA], "the protection taken out"
    assert [[cell.removeprefix("'") for cell in row] for row in rows] == stock, "else it is nbgrader's"


def test_the_export_is_the_one_in_use(course: Course) -> None:
    assert course.config.ExportApp.plugin_class is export.CsvExport


def test_the_next_student_finds_nothing(course: Course, jail: WarmJail) -> None:
    with jailed_in(jail) as kernel:
        assert run(kernel, "import os\nresult = os.listdir('.')") == []
