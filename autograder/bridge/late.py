"""Late submissions: days of grace, a penalty a day, a cut-off; and what the student reads of it."""

from __future__ import annotations

import math
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

DAY = 86_400


class LatePolicy(LateSubmissionPlugin):
    """The penalty is a share of the points earned, for every day that has begun after the grace.

    Without settings nothing is taken off. nbgrader's own ``penalty_method = 'zero'`` is a cut-off of no days.
    """

    grace_days = Float(0.0, min=0, help="Days after the due date that cost nothing.").tag(config=True)
    penalty_per_day = Float(
        0.0, min=0, max=100, help="Per cent of the points earned, for every day begun after the grace."
    ).tag(config=True)
    cut_off_days = Float(
        None, min=0, allow_none=True, help="Days after the due date from which on nothing counts; None: there is none."
    ).tag(config=True)

    def days(self, seconds: float) -> int:
        """The days to pay for: those that have begun after the grace."""
        return max(0, math.ceil(seconds / DAY - self.grace_days))

    def is_cut_off(self, seconds: float) -> bool:
        """Whether a submission came in too late to count."""
        cut_off = 0.0 if self.penalty_method == "zero" else self.cut_off_days
        return cut_off is not None and seconds > cut_off * DAY

    def share(self, seconds: float) -> float:
        """The part of the points that is taken off, from 0 to 1."""
        return 1.0 if self.is_cut_off(seconds) else min(1.0, self.days(seconds) * self.penalty_per_day / 100)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off, or None; nbgrader calls this for what came in after the due date."""
        return score * self.share(total_seconds_late) or None

    def in_words(self, seconds: float, score: float, penalty: float) -> str:
        """What the student reads: how late, by which rule, how many points."""
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
    """Says at the top of the feedback what a late submission cost, and by which rule."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add a text cell where the submission was late."""
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
    """Rounded up to minutes."""
    minutes = math.ceil(seconds / 60)
    parts = [(minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute")]
    return " ".join(f"{number} {unit}{'s' * (number != 1)}" for number, unit in parts if number)


def _days(number: float) -> str:
    return f"{number:g} day{'s' * (number != 1)}"
