"""The top of the page as HTML: no script, nothing loaded, and every text cleaned and escaped where it is put in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.grading.causes import language
from autograder.grading.results import Results
from autograder.reports.html import MAX_LINES
from autograder.reports.student_page.first import Step, steps_of
from autograder.reports.student_page.source import Sources
from autograder.reports.student_page.tasks import GradedCell, State, Task, by_state, tasks_of
from autograder.reports.student_page.words import FOLDER, words
from autograder.reports.wording import LOOKS
from autograder.text import MAX_TEXT, clean

SIGNS = {State.PASSED: "✓", State.LOST: "✗", State.PERSON: "…", State.MACHINE: "…", State.OURS: "!"}
MAX_STEPS = 20
"""How many causes are shown at most; the tests under the tasks name theirs."""
MAX_COMMENT = 300


@dataclass(frozen=True)
class Lateness:
    """When it was handed in and when it was due, how late that is, and the rule; each in words, "" if not known."""

    handed_in: str = ""
    due: str = ""
    said: str = ""
    rule: str = ""
    late: bool = False


@dataclass(frozen=True)
class Top:
    """What the top of a page says.

    Attributes
    ----------
    cells
        the name in nbgrader and the id of each cell of the notebook; either may be ""
    penalty
        the points that lateness cost
    """

    name: str
    tasks: Sequence[Task]
    steps: Sequence[Step]
    lateness: Lateness
    penalty: float = 0.0
    cells: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(
        cls, name: str, cells: Sequence[GradedCell], notebook: Any, results: Results | None, lateness: Lateness,
        penalty: float,
    ) -> Top:  # fmt: skip
        """The top of the page of this notebook, whose graded cells these are."""
        sources = Sources(notebook.cells)
        tasks = tasks_of(cells, results, sources)
        return cls(name, tasks, steps_of(tasks, results, sources, words()), lateness, penalty, sources.names)

    @property
    def earned(self) -> float:
        """The points of all tasks, before the penalty."""
        return sum(task.cell.points for task in self.tasks)

    @property
    def points(self) -> float:
        """The points that count now."""
        return max(0.0, self.earned - self.penalty)

    @property
    def maximum(self) -> float:
        """The points of everything."""
        return sum(task.cell.max_points for task in self.tasks)

    @property
    def open(self) -> Mapping[State, list[Task]]:
        """The tasks that are not final."""
        return by_state(self.tasks)

    @property
    def open_points(self) -> float:
        """The points that may still come."""
        waiting = (task for tasks in self.open.values() for task in tasks)
        return sum(task.cell.max_points - task.cell.points for task in waiting)


def render_top(top: Top, *, most: int = MAX_TEXT, tests: bool = True) -> str:
    """The top of the page.

    Parameters
    ----------
    most
        the most characters of one part of a test's message
    tests
        whether the tests are shown; if not, a line says so, and they have to be shown elsewhere
    """
    about = {"top": top, "w": words(), "looks": LOOKS, "signs": SIGNS, "most": most, "with_tests": tests}
    return _environment().get_template("top.html.jinja").render(**about, language=language(), max_steps=MAX_STEPS)


def style() -> str:
    """The style of the whole page, the notebook's too."""
    return (FOLDER / "style.css.jinja").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {"points": _points, "lines": _lines, "comment": _comment, "ticks": _ticks}
    return environment


def _points(number: float) -> str:
    return f"{round(number, 4):g}"


def _lines(lines: Sequence[str], most: int) -> str:
    """Lines as one text, cut where it is too long."""
    text = "\n".join(lines[:MAX_LINES]).strip("\n")
    cut = len(lines) > MAX_LINES or len(text) > most
    return text[:most].rstrip("\n") + ("\n…" if cut else "")


def _ticks(text: str) -> Markup:
    """A text in which what stands between backticks is code; one that is left over stays as it is."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _comment(text: str) -> str:
    return " ".join(clean(text, MAX_COMMENT).split())
