"""What one submission costs in this project, in stock nbgrader with the same tests in the kernel, and at the least.

``python benchmarks/one_notebook.py [--sprint define_by_run] [--students 6]`` prints seconds and peak memory of one
submission of the reference solution, once as it is and once with a cell that imports tensorflow and torch:

- stock nbgrader: ``nbgrader autograde`` on a class; it starts a kernel for each submission;
- this project, warm: the same command with this project's configuration, including sandbox, hidden tests and gradebook;
- this project, a class: ``autograder autograde`` on all cores, the mean time from one saved submission to the next, for
  a class four times as large, without its first quarter. Its CPU seconds are what a submission more costs: the
  difference to a class a quarter as large, so that nothing of the start is in it;
- the limit: a process that has imported everything forks, and the child executes cells and tests, without Jupyter, jail
  and gradebook.

The other times are medians over a class without its first submission, which waits for the warm process. CPU seconds are
those of all processes, for each submission; where the start is in them, the column stays empty. After that
come the cost of ``autograder grade`` as a CI job runs it, including the warm process, and the time of 1,000 handle
calls with small arrays.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from limit import fork_and_exec
from measure import Cost, measure, median
from nbformat.v4 import new_code_cell
from rich.console import Console
from rich.table import Table

from autograder.authoring.variants import fill, reference
from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit
from autograder.grading.probes import probe
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.notebook.cells import is_graded

HERE = Path(__file__).resolve().parent
NBGRADER = [sys.executable, "-m", "nbgrader"]
IMPORTS = "import tensorflow\nimport torch"
STOCK_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.Execute.timeout = 120\n"
OURS_CONFIG = """from pathlib import Path
from autograder.bridge.config import configure
configure(get_config(), Path({course!r}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--students", type=int, default=6, help="submissions in a class, at least 3")
    options = parser.parse_args()
    sprint = find_sprint(options.sprint)
    require_tests_run(sprint)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for title, imports in (("as it is", ""), ("with tensorflow and torch imported", IMPORTS)):
            work = Path(folder, f"with-{len(imports)}")
            notebook = filled(sprint, work, imports)
            rows = {
                "stock nbgrader": stock_nbgrader(sprint, notebook, work / "stock", options.students),
                "this project, warm": our_nbgrader(sprint, notebook, work / "ours", options.students),
                "this project, a class on all cores": our_class(sprint, notebook, work / "class", 4 * options.students),
                "the limit: fork and exec": fork_and_exec(notebook, graders_of(sprint, notebook), options.students),
            }
            console.print(table(f"one submission, {title}", rows, options.students))
        notebook = filled(sprint, Path(folder, "alone"), "")
        cost = autograder_grade(notebook, 3)
    console.print(f"autograder grade, alone, warm process included: {cost.seconds:.2f} s, {cost.mebibytes:.0f} MiB")
    console.print(f"1,000 handle calls with arrays of 5 numbers: {handle_calls():.3f} s (median of 5)")


def filled(sprint: Sprint, folder: Path, imports: str) -> Path:
    """The released notebook with the reference solution filled in and, if given, a first cell with the imports."""
    released = nbformat.read(sprint.release, as_version=4)
    notebook = fill(released, reference(sprint.slug))
    if imports:
        notebook.cells.insert(0, new_code_cell(imports, id="imports"))
    folder.mkdir()
    path = folder / f"{sprint.slug}.ipynb"
    nbformat.write(notebook, path)
    return path


def graders_of(sprint: Sprint, notebook: Path) -> dict[str, str]:
    """The code that runs a cell's hidden tests in the notebook's own process, by grade_id."""
    names = [
        cell.metadata["nbgrader"]["grade_id"] for cell in nbformat.read(notebook, as_version=4).cells if is_graded(cell)
    ]
    return {name: in_kernel_tests(sprint.grader_of(name)) for name in names if sprint.grader_of(name).is_file()}


def require_tests_run(sprint: Sprint) -> None:
    """Check that a sprint's hidden tests accept its reference in a kernel: a peer that cannot run them is fast.

    Raises
    ------
    SystemExit
        when one of them fails there, with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        notebook = filled(sprint, Path(folder, sprint.slug), "")
        try:
            fork_and_exec(notebook, graders_of(sprint, notebook), 2)
        except RuntimeError as error:
            said = next((line for line in str(error).splitlines() if re.match(r"\w*Error\b", line)), "")
            sys.exit(f"{sprint.slug}: a hidden test fails in a kernel, see benchmarks/in_kernel.py: {said}")


def environment(**more: str) -> dict[str, str]:
    """This process's environment without the variables that configure a course."""
    names = ("COURSE_", "NBGRADER_", "AUTOGRADER_", "JUPYTER_")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(names)}
    # nbgrader calls alembic by name
    kept["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    return kept | more


def stock_nbgrader(sprint: Sprint, notebook: Path, course: Path, students: int) -> Cost:
    """Stock nbgrader, with the hidden tests in its hidden regions."""
    (course / "source" / sprint.slug).mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(STOCK_CONFIG)
    source = nbformat.read(notebook, as_version=4)
    tests = graders_of(sprint, notebook)
    for cell in source.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if is_graded(cell) and name in tests:
            cell.source += f"\n### BEGIN HIDDEN TESTS\n{tests[name]}\n### END HIDDEN TESTS"
    nbformat.write(source, course / "source" / sprint.slug / notebook.name)
    return autograde(course, sprint, notebook, students, environment(PYTHONPATH=str(HERE)))


def in_kernel_tests(file: Path) -> str:
    """A hidden test file for the kernel: its text, the helper functions of `in_kernel`, and a call of each test.

    The tests of earlier cells are deleted first, so that each test is called once.
    """
    # the oracles import these functions too, and must not spend time on importing this project's
    begin = (
        "import sys, in_kernel\nsys.modules['autograder.grading'] = in_kernel\n"
        "for _name in [name for name in globals() if name.startswith('test_')]:\n    del globals()[_name]"
    )
    tests = "[f for n, f in list(globals().items()) if n.startswith('test_')]"
    return f"{begin}\n{file.read_text()}\nin_kernel.run_tests(globals(), {tests})"


def our_nbgrader(sprint: Sprint, notebook: Path, course: Path, students: int) -> Cost:
    """nbgrader with this project's configuration, and a release made from the same notebook."""
    our_course(sprint, notebook, course)
    return autograde(course, sprint, notebook, students, environment())


def our_class(sprint: Sprint, notebook: Path, course: Path, students: int) -> Cost:
    """The class graded by ``autograder autograde``: the mean seconds per saved submission after the first quarter."""
    few = autograded(sprint, notebook, course / "few", students // 4)
    whole = autograded(sprint, notebook, course / "whole", students)
    saved = sorted(path.stat().st_mtime for path in (course / "whole" / "course" / "results").rglob("results.json"))
    warm = saved[students // 4 :]
    cpu = (whole.cpu - few.cpu) / (students - students // 4)
    return Cost((warm[-1] - warm[0]) / (len(warm) - 1), whole.mebibytes, cpu)


def autograded(sprint: Sprint, notebook: Path, course: Path, students: int) -> Cost:
    """What ``autograder autograde`` costs for a class, as a whole."""
    our_course(sprint, notebook, course)
    generate_and_submit(course, course / "course", sprint, notebook, students, environment())
    command = [str(Path(sys.executable).with_name("autograder")), "autograde", sprint.slug]
    whole = measure(command, course, environment())
    check_full_marks(course, course / "course", sprint)
    return whole


def our_course(sprint: Sprint, notebook: Path, course: Path) -> None:
    """A course whose release is made from this notebook."""
    (course / "source" / sprint.slug).mkdir(parents=True)
    source = nbformat.read(project_root() / "source" / sprint.slug / notebook.name, as_version=4)
    first = nbformat.read(notebook, as_version=4).cells[0]
    if first.id == "imports":
        source.cells.insert(0, first)
    nbformat.write(source, course / "source" / sprint.slug / notebook.name)
    (course / "nbgrader_config.py").write_text(OURS_CONFIG.format(course=str(course)))


def autograde(course: Path, sprint: Sprint, notebook: Path, students: int, env: dict[str, str]) -> Cost:
    """The median seconds per submission of ``nbgrader autograde`` on a class, without the first; the peak memory."""
    data = course / "course" if "configure(" in (course / "nbgrader_config.py").read_text() else course
    generate_and_submit(course, data, sprint, notebook, students, env)
    times: list[float] = []

    def on_line(line: str) -> None:
        if re.search(r"Sanitizing .*/student\d+/", line):
            times.append(time.perf_counter())

    whole = measure([*NBGRADER, "autograde", sprint.slug], course, env, on_line=on_line)
    check_full_marks(course, data, sprint)
    between = [later - earlier for earlier, later in pairwise(times[1:])]
    return Cost(statistics.median(between), whole.mebibytes)


def generate_and_submit(
    course: Path, data: Path, sprint: Sprint, notebook: Path, students: int, env: dict[str, str]
) -> None:
    """Release the assignment, and put the same submission for every student into the folder of collected ones."""
    measure([*NBGRADER, "generate_assignment", sprint.slug, "--create"], course, env)
    for number in range(students):
        submitted = data / "submitted" / f"student{number}" / sprint.slug
        submitted.mkdir(parents=True)
        (submitted / notebook.name).write_bytes(notebook.read_bytes())


def check_full_marks(course: Path, data: Path, sprint: Sprint) -> None:
    """Check that the run gave full marks; otherwise its time would mean nothing."""
    from nbgrader.api import Gradebook

    course_id = "bench" if data == course else "dl-frameworks"
    with Gradebook(f"sqlite:///{data / 'gradebook.db'}", course_id) as book:
        submission = book.find_submission(sprint.slug, "student1")
        if submission.score != submission.max_score:
            raise RuntimeError(f"the reference got {submission.score} of {submission.max_score} in {course}")


def autograder_grade(notebook: Path, runs: int) -> Cost:
    """``autograder grade``, without a gradebook."""
    command = [str(Path(sys.executable).with_name("autograder")), "grade", str(notebook), "--minimum", "100"]
    return median(runs, lambda: measure(command, project_root(), environment()))


@probe
def make_function() -> Callable[[Any], Any]:
    """A function to call, in place of a student's."""
    return lambda x: -x


def handle_calls() -> float:
    """The seconds for 1,000 calls of a function in the kernel, with a small array as argument and result."""
    kernel = ordinary_kernel(None)
    try:
        session = Session(kernel, Allowance())
        session.begin_test(Limit.of_cpu(60), 0)
        function, array = Student(session).run(make_function), np.arange(5.0)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(1000):
                function(array)
            times.append(time.perf_counter() - start)
        return statistics.median(times)
    finally:
        kernel.kill()


def table(title: str, rows: dict[str, Cost], students: int) -> Table:
    """The costs and their ratios to the first row."""
    peer = next(iter(rows.values()))
    where = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    made = Table(title=f"{title}; medians in a class of {students}, {where}")
    limit = list(rows.values())[-1]
    for column in ("grader", "seconds", "times faster", "peak MiB", "CPU s", "x the limit's"):
        made.add_column(column, justify="left" if column == "grader" else "right")
    for name, cost in rows.items():
        cpu = (f"{cost.cpu:.2f}", f"{cost.cpu / limit.cpu:.2f}") if cost.cpu else ()
        made.add_row(name, f"{cost.seconds:.2f}", f"{peer.seconds / cost.seconds:.1f}", f"{cost.mebibytes:.0f}", *cpu)
    return made


if __name__ == "__main__":
    main()
