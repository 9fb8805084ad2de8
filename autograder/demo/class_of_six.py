"""`autograder demo`: six simulated students go through sprints with nbgrader's own commands, in a separate folder."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.classroom.report.make import make_report
from autograder.classroom.report.places import Wanted
from autograder.course.sprint import data_folder, find_sprint, project_root
from autograder.demo import marks
from autograder.demo.nbgrader_app import nbgrader, own_settings
from autograder.demo.students import DemoStudent, demo_students
from autograder.environments import build_for
from autograder.errors import BadInput
from autograder.jail import bubblewrap

SPRINTS = ("framework_survey", "define_by_run")
"""The default sprints; in the first one, an instructor grades written answers."""
MARK = ".autograder-demo"
POLICY = "preferred"
"""The demo trusts its own students; on a machine without the sandbox it runs without one, and says so."""
CONFIG = """from pathlib import Path
from autograder.bridge.config import configure
c = get_config()
configure(c, Path({course!r}))
c.HiddenGraders.directory = {graders!r}
c.GradeNotebook.sandbox = {policy!r}
c.GenerateFeedback.force = True
"""


@dataclass
class DemoResult:
    """What the gradebook says about one student.

    Attributes
    ----------
    points
        the points by task, from tests and from the instructor
    by_hand
        the points that the instructor gave
    seconds
        how long nbgrader took to grade the submission
    """

    student: DemoStudent
    points: dict[str, float] = field(default_factory=dict)
    by_hand: float = 0.0
    seconds: float = 0.0

    @property
    def total(self) -> float:
        """The points of all tasks."""
        return sum(self.points.values())


def run_demo(
    slug: str, folder: Path | None = None, console: Console | None = None, *, goes_on: bool = False
) -> list[DemoResult]:
    """Generate, release, fetch, fill in, submit, collect, autograde, give feedback; make the report; print the table.

    After autograding, the instructor grades the written answers. ``folder`` (default: ``demo`` in the class's folder)
    is deleted and made again, unless ``goes_on`` says that the same class continues with another sprint. Nothing
    outside it is changed.

    Raises
    ------
    BadInput
        when the sprint is unknown, its environment does not build, or the folder is not an earlier demo's.
    """
    root = project_root()
    sprint = find_sprint(slug, root)
    console = console or Console()
    if not console.is_terminal:
        console.width = max(console.width, 120)
    build_for(sprint, console.print)
    folder = folder or data_folder(root) / "demo"
    course = folder.resolve() if goes_on else fresh_folder(folder)
    shutil.copytree(root / "source" / slug, course / "source" / slug)
    (course / "nbgrader_config.py").write_text(
        CONFIG.format(course=str(course), graders=str(sprint.graders.parent), policy=POLICY)
    )
    students, given = demo_students(slug, root), marks.marks(slug, root)
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=6 + 3 * len(students))
        seconds = _run_class(slug, course, students, given, bar, task)
        bar.update(task, completed=6 + 3 * len(students), description="done")
    results, worth = read_gradebook(slug, course, students, seconds)
    with own_settings():
        (page,) = make_report(slug, Wanted(), root=course, reference=root / "reference").paths
    _show(results, worth, slug, course, console, page)
    return results


def _run_class(
    slug: str, course: Path, students: list[DemoStudent], given: list[marks.Mark], bar: Progress, task: TaskID
) -> dict[str, float]:
    """Run everything from the release to the feedback; return the seconds that each submission took to grade."""
    log = course / "nbgrader.log"

    def step(title: str) -> None:
        bar.update(task, description=title)

    for title, command in (("generate", "generate_assignment"), ("release", "release_assignment")):
        step(title)
        nbgrader(command, slug, cwd=course, log=log)
        bar.advance(task)

    step("students fetch, fill in, submit")
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda student: _take_part(student, slug, course, log), students):
            bar.advance(task, 2)

    step("collect")
    nbgrader("collect", slug, cwd=course, log=log)
    bar.advance(task)

    def next_student(student: str) -> None:
        step(f"grade {student}")
        bar.advance(task)

    seconds = autograde_all(slug, course, log, next_student)
    if given:
        step("the instructor reads answers")
        with gradebook(course) as book:
            marks.enter(book, slug, given)
    for title, command in (("write feedback", "generate_feedback"), ("release feedback", "release_feedback")):
        step(title)
        nbgrader(command, slug, cwd=course, log=log)
        bar.advance(task)
    return seconds


def fresh_folder(folder: Path) -> Path:
    """Make an empty demo folder, replacing an earlier demo's; refuse a folder with other content."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).is_file():
            raise BadInput(f"{folder}: not an earlier demo; name an empty or new folder with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder.resolve()


def _take_part(student: DemoStudent, slug: str, course: Path, log: Path) -> None:
    """One student's part, in the student's own folder: fetch, fill in, submit."""
    home = course / "students" / student.id
    home.mkdir(parents=True, exist_ok=True)
    (home / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(course / 'course' / 'exchange')!r}\n"
        f"c.Exchange.cache = {str(home / 'cache')!r}\nc.CourseDirectory.course_id = 'dl-frameworks'\n"
    )
    own_log = log.with_name(f"nbgrader-{student.id}.log")
    nbgrader("fetch_assignment", slug, cwd=home, log=own_log)
    path = home / slug / f"{slug}.ipynb"
    nbformat.write(student.fill_in(nbformat.read(path, as_version=4)), path)
    nbgrader("submit", slug, f"--student={student.id}", cwd=home, log=own_log)


def autograde_all(slug: str, course: Path, log: Path, on_student: Callable[[str], None]) -> dict[str, float]:
    """Grade the class in one nbgrader run; return the seconds per student, taken from nbgrader's log."""
    began: dict[str, float] = {}
    pattern = re.compile(rf"Sanitizing .*/([^/]+)/{re.escape(slug)}/")

    def on_line(line: str) -> None:
        match = pattern.search(line)
        if match:
            began[match[1]] = time.monotonic()
            on_student(match[1])

    nbgrader("autograde", slug, cwd=course, log=log, on_line=on_line)
    ends = [*list(began.values())[1:], time.monotonic()]
    return {student: end - start for (student, start), end in zip(began.items(), ends, strict=True)}


def gradebook(course: Path) -> Gradebook:
    """The demo's gradebook."""
    return Gradebook(f"sqlite:///{course / 'course' / 'gradebook.db'}", "dl-frameworks")


def read_gradebook(
    slug: str, course: Path, students: list[DemoStudent], seconds: dict[str, float]
) -> tuple[list[DemoResult], dict[str, float]]:
    """Every student's points, and the maximum points of each task, both in the notebook's order."""
    results = []
    with gradebook(course) as book:
        worth = {cell.name: float(cell.max_score) for cell in book.find_notebook(slug, slug).grade_cells}
        for student in students:
            grades = book.find_submission_notebook(slug, slug, student.id).grades
            points = {grade.name: float(grade.score) for grade in grades}
            in_order = {name: points[name] for name in worth}
            typed = sum(float(grade.manual_score) for grade in grades if grade.manual_score is not None)
            results.append(DemoResult(student, in_order, typed, seconds.get(student.id, 0.0)))
    return results, worth


def _show(
    results: list[DemoResult], worth: dict[str, float], slug: str, course: Path, console: Console, page: Path
) -> None:
    console.print(the_table(slug, results, worth))
    tasks = ", ".join(f"{number} {task}" for number, task in enumerate(results[0].points, 1))
    console.print(f"Tasks: {tasks}", style="dim", highlight=False)
    lacking = bubblewrap.missing()
    note = f"sandbox: none, {lacking}" if lacking else "sandbox: on, each notebook ran in a jail of its own"
    console.print(f"{note}\n", style="dim", highlight=False, markup=False)
    feedback = course / "course" / "feedback" / "chen" / slug / f"{slug}.html"
    console.print("What to open next:", style="bold")
    console.print(f"  {page}  the class at a glance", soft_wrap=True)
    console.print(f"  {feedback}  what a student reads", soft_wrap=True)
    console.print(f"  {course / 'nbgrader.log'}  what nbgrader said", soft_wrap=True)
    console.print(f"  make lab  JupyterLab on the course; in {course}, 'jupyter lab' shows this class", soft_wrap=True)


def the_table(slug: str, results: list[DemoResult], worth: dict[str, float]) -> Table:
    """The class as a table; tasks are numbered columns, points below the maximum are red."""
    table = Table(title=f"{slug}: the class in the gradebook", min_width=100)
    table.add_column("student", no_wrap=True)
    table.add_column("who", min_width=10)  # the first column to shrink in a narrow terminal
    for number in range(1, len(results[0].points) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    read = any(result.by_hand for result in results)
    for column in ("tests", "by hand", "total") if read else ("total",):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for result in results:
        cells = [
            f"{points:g}" if points == worth[task] else f"[red]{points:g}" for task, points in result.points.items()
        ]
        parts = (f"{result.total - result.by_hand:g}", f"{result.by_hand:g}") if read else ()
        table.add_row(
            result.student.id, result.student.story, *cells, *parts, f"{result.total:g}", f"{result.seconds:.1f}"
        )
    full = (f"{worth[task]:g}" for task in results[0].points)
    table.add_row("", "[dim]full marks", *full, *([""] * 2 * read), f"{sum(worth.values()):g}", "", style="dim")
    return table
