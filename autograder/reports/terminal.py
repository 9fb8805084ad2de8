"""Results in a terminal: a progress bar while tests run, and a list of the tests with their outcomes.

Messages contain text from the jail. It is printed as plain text, never as markup. Every line starts with a bar, so that
a CI runner does not mistake it for a command (`::error::`, `##[...]`).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from autograder.grading.outcome import Outcome
from autograder.grading.results import Cell, Results, TestResult
from autograder.grading.run import Progress as OnTest
from autograder.reports.annotations import code_quality
from autograder.reports.gradescope import gradescope
from autograder.reports.junit import junit_xml
from autograder.reports.markdown import append_markdown
from autograder.reports.rows import rows_of, skipped_because
from autograder.reports.wording import LOOKS, mend_first, not_final, with_count
from autograder.text import harmless

WORST = (
    Outcome.BROKEN, Outcome.PENDING, Outcome.CRASHED, Outcome.TIMEOUT, Outcome.ERROR, Outcome.FAILED, Outcome.SKIPPED,
    Outcome.PASSED,
)  # fmt: skip
"""The outcomes in the order in which one of them stands for a task."""
LINE_EVERY_S = 60
"""How often progress is said where there is no terminal."""


@contextmanager
def progress_bar(title: str) -> Iterator[OnTest]:
    """A bar on stderr while tests run; yields the function to call after each test.

    Where stderr is no terminal, it is a line a minute: a log in which nothing comes for long looks like a hung job.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_a_minute(title, console)
        return
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, _: bar.update(task, completed=done, total=total)


def _line_a_minute(title: str, console: Console) -> OnTest:
    begun = said = time.monotonic()

    def tell(done: int, total: int, _: str) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= LINE_EVERY_S:
            said = now
            line = f"{title}: {done} of {total} after {(now - begun) / 60:.0f} min"
            console.print(Text(harmless(line)), soft_wrap=True)

    return tell


def write_reports(
    results: Results,
    notebook: Path,
    *,
    junit: Path | None = None,
    summary: Path | None = None,
    quality: Path | None = None,
    gradescope_json: Path | None = None,
) -> None:
    """Write reports for other tools: JUnit XML, Markdown, GitLab's code quality report, Gradescope's results.json."""
    if junit is not None:
        junit.write_text(junit_xml(results), encoding="utf-8")
    if summary is not None:
        append_markdown(results, summary)
    if quality is not None:
        quality.write_text(code_quality(results, notebook), encoding="utf-8")
    if gradescope_json is not None:
        gradescope_json.write_text(json.dumps(gradescope(results), ensure_ascii=False, indent=1), encoding="utf-8")


def show_results(results: Results, console: Console | None = None, *, verbose: bool = False) -> None:
    """Print what to mend first, then a line for each task.

    ``verbose``: print every test too, with the messages of those that did not pass.
    """
    console = console or Console(highlight=False, soft_wrap=True)
    _show_causes(results, console)
    for cell in results.cells:
        note = "" if cell.status == "graded" else "  (a person grades it)" if cell.by_hand else f"  ({cell.status})"
        _show_task(cell, note, console)
        for test in rows_of(cell) if verbose else ():
            _show_test(test, console)
    if not verbose and any(test.outcome is not Outcome.PASSED for cell in results.cells for test in cell.rows):
        console.print(Text("Every test, with what it says: --verbose", style="dim"))
    console.print(Text(f"{results.score:g}/{results.max_score:g}  {results.status}", style="bold"))
    if not_final(results):
        console.print(Text(not_final(results)))


def _show_causes(results: Results, console: Console) -> None:
    if not results.causes:
        return
    counts = skipped_because(results)
    console.print(Text(f"{mend_first()}:", style="bold"))
    for cause in results.causes:
        said = harmless(with_count(cause.text, counts[cause.text]))
        console.print(Text.assemble("  ", ("✗", "red"), f" {said}"))


def _show_task(cell: Cell, note: str, console: Console) -> None:
    """One line: the points, how many tests ended how, and the first property that does not hold."""
    counts = Counter(test.outcome for test in cell.rows if test.max_points)
    ended = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    shows = (test for test in cell.rows if test.outcome.students_fault and test.outcome is not Outcome.SKIPPED)
    first = next((f" – {test.title}" for test in shows if test.max_points), "") if not cell.by_hand else ""
    look = LOOKS[next((outcome for outcome in WORST if any(t.outcome is outcome for t in cell.rows)), Outcome.BROKEN)]
    console.print(
        Text.assemble(
            (look.sign, look.colour),
            (f" {cell.id}  {cell.points:g}/{cell.max_points:g}{note}", "bold"),
            "" if cell.by_hand else harmless(f"  {ended}{first}"),
        )
    )


def _show_test(test: TestResult, console: Console) -> None:
    look = LOOKS[test.outcome]
    points = f"  {test.points:g}/{test.max_points:g}" if test.max_points else ""
    console.print(
        Text.assemble(
            "  ", (look.sign, look.colour), f" {test.title}{points}", "" if test.points else f"  {test.outcome}"
        )
    )
    for line in test.message.splitlines():
        console.print(Text(harmless(f"    │ {line}"), style="dim"))
