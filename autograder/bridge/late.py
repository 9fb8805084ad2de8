"""Late submissions: grace days, a penalty per day, a cut-off, and the text that explains them to the student."""

from __future__ import annotations

import math
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float, List, Unicode

DAY = 86_400


class LatePolicy(LateSubmissionPlugin):
    """Takes off a share of the points earned for every day begun after the grace days.

    By default nothing is taken off. nbgrader's own ``penalty_method = 'zero'`` means a cut-off at the due date.
    """

    grace_days = Float(0.0, min=0, help="Days after the due date that cost nothing.").tag(config=True)
    penalty_per_day = Float(
        0.0, min=0, max=100, help="Percent of the points earned, for every day begun after the grace days."
    ).tag(config=True)
    cut_off_days = Float(
        None, min=0, allow_none=True, help="Days after the due date after which nothing counts; None for no cut-off."
    ).tag(config=True)

    def days(self, seconds: float) -> int:
        """The number of days that are penalized: those begun after the grace days."""
        return max(0, math.ceil(seconds / DAY - self.grace_days))

    def is_cut_off(self, seconds: float) -> bool:
        """Whether a submission came in too late to count."""
        return self._cut_off is not None and seconds > self._cut_off * DAY

    @property
    def _cut_off(self) -> float | None:
        """Days after which nothing counts; None for no cut-off."""
        return 0.0 if self.penalty_method == "zero" else self.cut_off_days

    def share(self, seconds: float) -> float:
        """The part of the points that is taken off, from 0 to 1."""
        return 1.0 if self.is_cut_off(seconds) else min(1.0, self.days(seconds) * self.penalty_per_day / 100)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off, or None; nbgrader calls this for late submissions."""
        return score * self.share(total_seconds_late) or None

    def rule(self) -> str:
        """What lateness costs, in one sentence."""
        cut_off = self._cut_off
        if cut_off == 0:
            return "What is handed in late does not count."
        grace = f" after {_days(self.grace_days)} of grace" if self.grace_days else ""
        cost = f"Every day begun{grace} costs {self.penalty_per_day:g} % of the points earned"
        end = f"after {_days(cut_off)} nothing counts" if cut_off is not None else ""
        if not self.penalty_per_day:
            return f"Lateness costs no points; {end}." if end else "Lateness costs no points."
        return f"{cost}; {end}." if end else f"{cost}."

    def in_words(self, seconds: float, score: float, penalty: float) -> str:
        """The text for the student: how late it was, the rule, and the points taken off."""
        late = f"Handed in {_duration(seconds)} after the due date"
        if self.is_cut_off(seconds):
            limit = self.cut_off_days or 0.0
            return f"{late}, which is more than {_days(limit)}: it does not count."
        if not penalty:
            return f"{late}; no points are taken off."
        rule = f"{self.penalty_per_day:g} % of the points earned for every day begun"
        grace = f" after {_days(self.grace_days)} of grace" if self.grace_days else ""
        return f"{late}. The rule: {rule}{grace}, so for {_days(self.days(seconds))} {penalty:.4g} of {score:g} points."


class ShowLateness(NbGraderPreprocessor):
    """Says at the top of the feedback how many points lateness cost, and by which rule."""

    # nbconvert sets it for all steps of a page, and nbgrader's base class takes no setting: each run had a warning
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add a text cell if the submission was late."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            seconds = gradebook.find_submission(names["assignment"], names["student"]).total_seconds_late
            book = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            score, penalty = book.score, book.late_submission_penalty or 0.0
        if seconds > 0:
            text = LatePolicy(parent=self).in_words(seconds, score, penalty)
            nb.cells.insert(0, new_markdown_cell(f"**Late.** {text}", id="late"))
        return nb, resources


def _duration(seconds: float) -> str:
    """A duration in words, rounded up to minutes."""
    minutes = math.ceil(seconds / 60)
    parts = [(minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute")]
    return " ".join(f"{number} {unit}{'s' * (number != 1)}" for number, unit in parts if number)


def _days(number: float) -> str:
    return f"{number:g} day{'s' * (number != 1)}"
