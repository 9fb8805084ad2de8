"""The conditions under which tests grade: ordinary kernels, a known seed, unless something else is said."""

from __future__ import annotations

from autograder.grading.conditions import Conditions
from autograder.grading.limits import Limit, Limits
from autograder.grading.selection import EVERYTHING, Selection
from autograder.jail.kernel import KernelSource
from autograder.jail.lane import Lane
from autograder.jail.ordinary_kernel import ordinary_kernel

HOUR = Limit(3600, 3600)
"""What kernels may take that many tests share."""


def conditions(
    kernels: KernelSource = ordinary_kernel,
    *,
    gpu: bool = False,
    seed: str = "s",
    limits: Limits | None = None,
    selection: Selection = EVERYTHING,
) -> Conditions:
    """Conditions with these kernels. ``gpu``: whether tests that need one run in them."""
    return Conditions(Lane(kernels, gpu), seed, limits or Limits(), selection)
