"""Late submissions: grace days, a penalty per day, a cut-off, and the text that explains them to the student."""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

from autograder.bridge.late_words import DAY, duration, in_days, say


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

    def rule(self, language: str = "en") -> str:
        """What lateness costs, in one sentence."""
        cut_off = self._cut_off
        if cut_off == 0:
            return say("nothing_late", language)
        kind = "cost" if self.penalty_per_day else "free"
        end = "" if cut_off is None else in_days(cut_off, language)
        grace = self._grace(language)
        return say(kind + "_until" * bool(end), language, grace=grace, percent=self.penalty_per_day, days=end)

    def in_words(self, seconds: float, score: float, penalty: float, language: str = "en") -> str:
        """The text for the student: how late it was, the rule, and the points taken off."""
        late = say("late", language, duration=duration(seconds, language))
        if self.is_cut_off(seconds):
            limit = self._cut_off or 0.0
            return say("cut_off" if limit else "zero", language, late=late, days=in_days(limit, language))
        if not penalty:
            return say("no_penalty", language, late=late)
        about = {"percent": self.penalty_per_day, "penalty": penalty, "score": score}
        days = in_days(self.days(seconds), language)
        return say("penalty", language, late=late, grace=self._grace(language), days=days, **about)

    def _grace(self, language: str) -> str:
        return say("grace", language, days=in_days(self.grace_days, language)) if self.grace_days else ""
