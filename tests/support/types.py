"""What fixtures give, as types: functions that a test calls."""

from __future__ import annotations

from collections.abc import Callable

from autograder.grading.engine import GradedNotebook
from autograder.grading.results import Results

Grade = Callable[..., Results]
GradeWith = Callable[..., GradedNotebook]
Command = Callable[..., tuple[int, str, str]]
