"""The conditions of a grading as one value, so that every caller grades under the same ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.grading.limits import Limits
from autograder.grading.selection import EVERYTHING, Selection
from autograder.jail.lane import Lane


@dataclass(frozen=True)
class Conditions:
    """The conditions of one grading.

    Attributes
    ----------
    lane
        the kernels that student code runs in, and whether they have a GPU
    seed
        the course's secret seed, from which test inputs are drawn
    limits
        how much time and output cells and tests may use
    selection
        which tests are run, and in which order
    """

    lane: Lane
    seed: str
    limits: Limits = field(default_factory=Limits)
    selection: Selection = EVERYTHING
