"""Puts this project's preprocessors in the place of nbgrader's, for nbgrader's own tests of its preprocessors.

These tests take the classes from ``nbgrader.preprocessors`` and make them without a configuration, so the one in this
folder does not reach them. pytest imports this file before it collects (``-p tests.conformance.swapped``).
"""

from __future__ import annotations

from collections import Counter

import nbgrader.preprocessors as nbgraders
from traitlets.config import Config

from autograder.bridge.config import configure_grading
from autograder.bridge.metadata import CheckOnce
from autograder.bridge.save import SaveGrades

SWAPPED = {"SaveAutoGrades": SaveGrades, "CheckCellMetadata": CheckOnce}
"""nbgrader's tests know no others of those that the configuration replaces."""
MADE: Counter[str] = Counter()
"""How many of each of ours nbgrader's tests have made."""


def swap(name: str, ours: type) -> None:
    """Give out our class under nbgrader's name, and count how many are made of it."""

    class Counted(ours):
        def __init__(self, *args, **kwargs):
            MADE[name] += 1
            super().__init__(*args, **kwargs)

    setattr(nbgraders, name, Counted)


configure_grading(Config())  # what it changes in nbgrader's own modules counts too
for _name, _ours in SWAPPED.items():
    swap(_name, _ours)
