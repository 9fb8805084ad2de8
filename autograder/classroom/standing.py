"""Where a class stands: the progress bar during grading, and the summary at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.progress import Task as BarTask
from rich.table import Table
from rich.text import Text

from autograder.bridge.looks import Looks
from autograder.classroom.changes import Change, show_changes
from autograder.text import harmless


@dataclass
class Standing:
    """The students of a class, by the outcome of their submissions.

    Attributes
    ----------
    graded, pending, broken
        students by the status of their results
    failed
        students who could not be graded, and why; nothing was written for them
    already
        how many of them an earlier run had graded
    to_read
        how many have answers that a person grades; the gradebook knows whether that has been done
    outdated
        how many an earlier run had graded with other graders, limits or another seed
    ungraded
        how many were skipped because they have not been graded at all
    compared, changes
        how many were graded again, and what that changed
    looks
        what is wrong with a student's files, which did not stop the grading
    written
        whether the gradebook was written; False in a dry run
    reported
        whether there is a report on the class, which is about hidden tests
    """

    graded: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    already: int = 0
    to_read: int = 0
    outdated: int = 0
    ungraded: int = 0
    compared: int = 0
    changes: list[Change] = field(default_factory=list)
    looks: Looks = field(default_factory=Looks)
    written: bool = True
    reported: bool = True

    def add(self, student: str, status: str, waiting: bool) -> None:
        """Add the status of one submission's results; ``waiting`` says whether any of its tests waits for a GPU.

        A pending submission that does not wait for a GPU has answers that a person grades. The automatic part is done,
        so it counts as graded.
        """
        self.to_read += status == "pending" and not waiting
        status = "graded" if status == "pending" and not waiting else status
        {"graded": self.graded, "pending": self.pending}.get(status, self.broken).append(student)

    @property
    def faultless(self) -> bool:
        """Whether no submission failed or is broken."""
        return not self.failed and not self.broken


class _Rate(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: BarTask) -> Text:
        """Submissions per minute."""
        return Text(f"{60 * task.speed:.0f}/min" if task.speed else "")


@contextmanager
def class_progress(total: int, console: Console) -> Iterator[Callable[[Standing], None]]:
    """A bar while a class is graded: done, failed, rate, time left. Yields a function to call after each submission."""
    columns = (
        TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]} failed"),
        _Rate(), TimeRemainingColumn(),
    )  # fmt: skip
    # the rate is taken over several minutes, because submissions finish in bursts
    with Progress(*columns, console=console, speed_estimate_period=300, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total, failed=0)
        yield lambda standing: bar.update(task, advance=1, failed=len(standing.failed) + len(standing.broken))


def show_standing(standing: Standing, console: Console | None = None) -> None:
    """Print the students who need attention, and the totals in one line."""
    console = console or Console(highlight=False, soft_wrap=True)
    looks = [
        *((student, "failed", why) for student, why in standing.failed.items()),
        *((student, "broken", "a test could not be run") for student in standing.broken),
        *((look.who, "files", f"{look.what}; {look.to_do}") for look in standing.looks),
        *((student, "pending", "waits for a machine with a GPU") for student in standing.pending),
    ]
    if looks:
        table = Table(title="who needs a look", title_justify="left")
        for heading in ("student", "status", "why"):
            table.add_column(heading, overflow="fold")
        for row in sorted(looks):
            table.add_row(*(Text(harmless(text)) for text in row))
        console.print(table)
    if standing.compared:
        show_changes(standing.changes, standing.compared, console)
    if standing.to_read:
        console.print(f"{standing.to_read} have answers that a person grades, in the formgrader")
    if standing.outdated:
        console.print(f"{standing.outdated} were graded with other graders or limits: --regrade grades them again")
    if standing.ungraded:
        console.print(f"{standing.ungraded} have not been graded yet: the command without --pending grades them")
    if not standing.written:
        console.print("a dry run: nothing was written")
    console.print(
        f"{len(standing.graded)} graded, {len(standing.pending)} pending, {len(standing.broken)} broken,"
        f" {len(standing.failed)} failed; {standing.already} of them by an earlier run"
    )
