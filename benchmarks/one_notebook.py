"""One notebook, graded here and by stock nbgrader with the same tests as asserts in the kernel.

``python benchmarks/one_notebook.py [--sprint define_by_run] [--runs 5]`` prints seconds, peak memory and their ratios,
medians of several runs on the reference solution, and the time of 1,000 handle calls with small arrays.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from measure import Cost, measure, median
from rich.console import Console
from rich.table import Table

from autograder.course.sanitize import is_graded
from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.course.variants import fill, reference
from autograder.grading.handles import Session, Student
from autograder.grading.limits import Limit
from autograder.grading.probe import probe
from autograder.jail.kernel import ordinary_kernel

HERE = Path(__file__).resolve().parent
STOCK_CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.Execute.timeout = 120\n"
OURS_CONFIG = """from pathlib import Path
from autograder.bridge.config import configure
configure(get_config(), Path({course!r}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    sprint = find_sprint(options.sprint)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        work = Path(folder)
        notebook = filled(sprint, work / f"{sprint.slug}.ipynb")
        rows = {
            "stock nbgrader autograde": stock_nbgrader(sprint, notebook, work / "stock", options.runs),
            "nbgrader autograde, this project": our_nbgrader(sprint, notebook, work / "ours", options.runs),
            "autograder grade": autograder_grade(notebook, options.runs),
        }
    show(rows, options.runs)
    calls = handle_calls()
    Console().print(f"1,000 handle calls with arrays of 5 numbers: {calls:.3f} s (median of 5)")


def filled(sprint: Sprint, path: Path) -> Path:
    """The released notebook with the reference solution filled in."""
    released = nbformat.read(sprint.release, as_version=4)
    nbformat.write(fill(released, reference(sprint.slug)), path)
    return path


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what configures a course."""
    names = ("COURSE_", "NBGRADER_", "AUTOGRADER_", "JUPYTER_")
    kept = {n: v for n, v in os.environ.items() if not n.startswith(names)}
    # nbgrader calls alembic by name
    kept["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    return kept | more


def stock_nbgrader(sprint: Sprint, notebook: Path, course: Path, runs: int) -> Cost:
    """nbgrader as it is, the hidden tests in its hidden regions."""
    (course / "source" / sprint.slug).mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(STOCK_CONFIG)
    source = nbformat.read(notebook, as_version=4)
    for cell in source.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if is_graded(cell) and sprint.grader_of(name).is_file():
            cell.source += f"\n### BEGIN HIDDEN TESTS\n{in_kernel_tests(sprint.grader_of(name))}\n### END HIDDEN TESTS"
    nbformat.write(source, course / "source" / sprint.slug / notebook.name)
    return autograde(course, sprint, notebook, runs, environment(PYTHONPATH=str(HERE)))


def in_kernel_tests(file: Path) -> str:
    """A hidden test file as asserts in the kernel: its text, with the vocabulary of `in_kernel`, and the calls."""
    # the oracles import the vocabulary too, and shall not pay for what belongs to this project
    begin = "import sys, in_kernel\nsys.modules['autograder.grading'] = in_kernel"
    tests = "[f for n, f in list(globals().items()) if n.startswith('test_')]"
    return f"{begin}\n{file.read_text()}\nin_kernel.run_tests(globals(), {tests})"


def our_nbgrader(sprint: Sprint, notebook: Path, course: Path, runs: int) -> Cost:
    """nbgrader with this project's configuration."""
    (course / "source").mkdir(parents=True)
    (course / "source" / sprint.slug).symlink_to(project_root() / "source" / sprint.slug)
    (course / "nbgrader_config.py").write_text(OURS_CONFIG.format(course=str(course)))
    return autograde(course, sprint, notebook, runs, environment())


def autograde(course: Path, sprint: Sprint, notebook: Path, runs: int, env: dict[str, str]) -> Cost:
    """The median cost of ``nbgrader autograde`` on a class of one."""
    command = [sys.executable, "-m", "nbgrader"]
    measure([*command, "generate_assignment", sprint.slug, "--create"], course, env)
    data = course / "course" if (course / "course").is_dir() else course
    submitted = data / "submitted" / "reference" / sprint.slug
    submitted.mkdir(parents=True)
    (submitted / notebook.name).write_bytes(notebook.read_bytes())
    cost = median(runs, lambda: measure([*command, "autograde", sprint.slug, "--force"], course, env))
    check_full_marks(course, data, sprint)
    return cost


def check_full_marks(course: Path, data: Path, sprint: Sprint) -> None:
    """A benchmark of a run that failed would say nothing."""
    from nbgrader.api import Gradebook

    course_id = "bench" if data == course else "dl-frameworks"
    with Gradebook(f"sqlite:///{data / 'gradebook.db'}", course_id) as book:
        submission = book.find_submission(sprint.slug, "reference")
        if submission.score != submission.max_score:
            raise RuntimeError(f"the reference got {submission.score} of {submission.max_score} in {course}")


def autograder_grade(notebook: Path, runs: int) -> Cost:
    """``autograder grade``, no gradebook."""
    command = [str(Path(sys.executable).with_name("autograder")), "grade", str(notebook), "--minimum", "100"]
    return median(runs, lambda: measure(command, project_root(), environment()))


@probe
def make_function() -> Callable[[Any], Any]:
    """A function to call, where a student's would be."""
    return lambda x: -x


def handle_calls() -> float:
    """Seconds for 1,000 calls of a function in the kernel with a small array each way."""
    kernel = ordinary_kernel(None)
    try:
        session = Session(kernel)
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


def show(rows: dict[str, Cost], runs: int) -> None:
    """Print the costs and their ratios to the first row."""
    peer = next(iter(rows.values()))
    table = Table(title=f"one notebook, the reference solution; medians of {runs} runs, {os.cpu_count()} cores")
    for column in ("grader", "seconds", "× stock", "peak MiB", "× stock"):
        table.add_column(column, justify="left" if column == "grader" else "right")
    for name, cost in rows.items():
        ratios = (f"{cost.seconds / peer.seconds:.2f}", f"{cost.mebibytes / peer.mebibytes:.2f}")
        table.add_row(name, f"{cost.seconds:.2f}", ratios[0], f"{cost.mebibytes:.0f}", ratios[1])
    Console().print(table)


if __name__ == "__main__":
    main()
