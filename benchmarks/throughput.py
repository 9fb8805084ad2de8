"""Submissions per minute of stock nbgrader, otter and this project, on the same class with the same hidden tests.

``python benchmarks/throughput.py [--submissions 48] [--otter FOLDER]`` makes a class of right and wrong solutions with
known correct scores. The class is graded in turn by

- stock ``nbgrader autograde``, with the tests in the kernel and their points as the cell's value;
- ``otter run``, once per submission, with each hidden test as a test case;
- ``autograder autograde`` with one worker, and with as many workers as cores.

Each figure is for the whole command, including start-up. The correct score of a solution is the sum of the points of
all hidden tests, without those that the solution lists as catching it; any other score counts as wrong. Otter is
installed in a separate environment, which is made once in a cache folder and needs PyPI.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
from a_class import Handed, hand_in, make_course, points_of, submissions
from measure import Cost, measure
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from one_notebook import HERE, STOCK_CONFIG, environment, require_tests_run
from rich.console import Console
from rich.table import Table

from autograder.course.sprint import Sprint, find_sprint, project_root
from autograder.notebook.cells import is_graded

OTTER = "otter-grader>=7,<8"
BESIDE = ("ipykernel", "matplotlib", "numpy", "pytest", "scikit-learn")
VOCABULARY = "import sys, in_kernel\nsys.modules['autograder.grading'] = in_kernel"
"""Makes the tests' imports from this project get the helper functions of `in_kernel`."""

Scores = dict[str, float | None]


@dataclass(frozen=True)
class Graded:
    """A grader's cost and its scores by student; None where there is no score."""

    cost: Cost
    scores: Scores


def main() -> None:
    """Grade the class with each grader, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sprint", default="define_by_run")
    parser.add_argument("--submissions", type=int, default=48)
    parser.add_argument("--otter", type=Path, default=cache() / "otter-7", help="otter's environment, made if missing")
    options = parser.parse_args()
    sprint, console, cores = find_sprint(options.sprint), Console(), len(os.sched_getaffinity(0))
    require_tests_run(sprint)
    handed = list(submissions(sprint, options.submissions))
    otter_python = otter_environment(options.otter)
    rows: dict[str, Graded] = {}
    with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
        graders: dict[str, Callable[[Path], Graded]] = {
            "stock nbgrader": lambda work: stock_nbgrader(sprint, handed, work),
            "otter": lambda work: otter(sprint, handed, work, otter_python),
            "this project, 1 worker": lambda work: ours(sprint, handed, work, 1),
        }
        if cores > 1:
            graders[f"this project, {cores} workers"] = lambda work: ours(sprint, handed, work, cores)
        for number, (name, grader) in enumerate(graders.items()):
            console.print(f"{name} …")
            rows[name] = grader(Path(folder, str(number)))
    show(rows, handed, console)


def show(rows: dict[str, Graded], handed: list[Handed], console: Console) -> None:
    """Print the table and the wrong scores."""
    table = Table(title=f"{len(handed)} submissions, {os.cpu_count()} cores")
    for column in ("grader", "seconds", "submissions a minute", "× nbgrader", "× otter", "peak MiB", "wrong scores"):
        table.add_column(column, justify="left" if column == "grader" else "right")
    for name, graded in rows.items():
        wrong = [one for one in handed if not exact(graded.scores.get(one.student), one.due)]
        table.add_row(
            name, f"{graded.cost.seconds:.1f}", f"{60 * len(handed) / graded.cost.seconds:.1f}",
            *(f"{rows[peer].cost.seconds / graded.cost.seconds:.1f}" for peer in ("stock nbgrader", "otter")),
            f"{graded.cost.mebibytes:.0f}", f"{len(wrong) / len(handed):.1%}",
        )  # fmt: skip
        for one in wrong:
            got = graded.scores.get(one.student)
            console.print(f"{name}: {one.made_from} is due {one.due:g} and got {'no score' if got is None else got}")
    console.print(table)


def exact(got: float | None, due: float) -> bool:
    """Whether a score is the correct one."""
    return got is not None and abs(got - due) < 1e-9


def stock_nbgrader(sprint: Sprint, handed: list[Handed], course: Path) -> Graded:
    """Stock nbgrader: each cell's tests are in its hidden region, which ends with the points they give."""
    source = nbformat.read(project_root() / "source" / sprint.slug / f"{sprint.slug}.ipynb", as_version=4)
    for cell in source.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if is_graded(cell) and sprint.grader_of(name).is_file():
            tests = "[f for n, f in list(globals().items()) if n.startswith('test_')]"
            text = f"{VOCABULARY}\n{sprint.grader_of(name).read_text()}\nin_kernel.earned(globals(), {tests})"
            cell.source = f"### BEGIN HIDDEN TESTS\n{forget_tests()}\n{text}\n### END HIDDEN TESTS"
    (course / "source" / sprint.slug).mkdir(parents=True)
    nbformat.write(source, course / "source" / sprint.slug / f"{sprint.slug}.ipynb")
    (course / "nbgrader_config.py").write_text(f"{STOCK_CONFIG}c.Execute.interrupt_on_timeout = True\n")
    env, command = environment(PYTHONPATH=str(HERE)), [sys.executable, "-m", "nbgrader"]
    measure([*command, "generate_assignment", sprint.slug, "--create"], course, env)
    for one in handed:
        hand_in(course / "submitted" / one.student / sprint.slug, f"{sprint.slug}.ipynb", one.notebook)
    cost = measure([*command, "autograde", sprint.slug], course, env)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "bench") as book:
        scores: Scores = {row.student_id: row.score for row in book.assignment_submissions(sprint.slug)}
    return Graded(cost, scores)


def forget_tests() -> str:
    """A line of code that removes an earlier cell's tests from the notebook's globals."""
    return "for _n in [n for n in globals() if n.startswith('test_')]: del globals()[_n]"


def otter(sprint: Sprint, handed: list[Handed], folder: Path, python: Path) -> Graded:
    """Run ``otter run`` on one submission after the other."""
    tests, out = folder / "tests", folder / "out"
    tests.mkdir(parents=True)
    out.mkdir()
    for file in sprint.graders.glob("test_*.py"):
        (tests / f"{file.stem.removeprefix('test_')}.py").write_text(otter_tests(sprint, file))
    env = environment()
    env["PATH"] = os.pathsep.join((str(python.parent), env["PATH"]))
    program = str(python.with_name("otter"))
    measure([program, "generate", "-t", str(tests), "-o", "autograder.zip"], folder, env)
    seconds, peak, scores = 0.0, 0.0, Scores()
    for one in handed:
        notebook = one.notebook
        cells = [new_code_cell("import otter\ngrader = otter.Notebook()")]
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            tested = is_graded(cell) and sprint.grader_of(name).is_file()
            cells.append(new_code_cell(f"grader.check('{name}')") if tested else cell)
        path = folder / f"{one.student}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata), path)
        (out / "results.json").unlink(missing_ok=True)
        try:
            cost = measure([program, "run", path.name, "-a", "autograder.zip", "-o", "out", "--no-logo"], folder, env)
        except RuntimeError as error:
            raise RuntimeError(f"otter could not grade {one.made_from}") from error
        seconds, peak = seconds + cost.seconds, max(peak, cost.mebibytes)
        found = json.loads((out / "results.json").read_text())["tests"]
        scores[one.student] = sum(test.get("score", 0.0) for test in found)
    return Graded(Cost(seconds, peak), scores)


def otter_tests(sprint: Sprint, file: Path) -> str:
    """A hidden test file converted for otter: each test is a test case with its points."""
    points = {name.partition("::")[2]: worth for name, worth in points_of(sprint).items() if name.startswith(file.name)}
    lines = [
        "OK_FORMAT = False", "import sys", f"sys.path[:0] = [{str(HERE)!r}, {str(project_root())!r}]", VOCABULARY,
        file.read_text(), "from otter.test_files import test_case", f"name = {file.stem.removeprefix('test_')!r}",
        f"points = {sum(points.values())}",
    ]  # fmt: skip
    for test, worth in points.items():
        lines.append(f"@test_case(points={worth})\ndef case_of_{test}(env): in_kernel.run_tests(env, [{test}])")
    return "\n".join(lines) + "\n"


def otter_environment(folder: Path) -> Path:
    """The Python of otter's environment, which is made if it is missing."""
    python = folder / "bin" / "python"
    if not (folder / "bin" / "otter").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        beside = [f"{name}=={version(name)}" for name in BESIDE]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", OTTER, *beside], check=True)
    return python


def cache() -> Path:
    """This project's folder in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder-benchmarks"


def ours(sprint: Sprint, handed: list[Handed], course: Path, workers: int) -> Graded:
    """Grade with this project, in jails."""
    make_course(sprint, course, handed)
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "autograde", sprint.slug]
    env = environment(PYTHONPATH=str(project_root()))
    cost = measure([*command, "--workers", str(workers)], course, env)
    found = (course / "course" / "results").glob("*/*/results.json")
    scores: Scores = {path.parts[-3]: json.loads(path.read_text())["score"] for path in found}
    return Graded(cost, scores)


if __name__ == "__main__":
    main()
