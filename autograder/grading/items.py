"""What grading needs from pytest's items: a hidden test's name, points and property, and the public check before it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.errors import CheckFailed
from autograder.grading.properties import Property
from autograder.jail.inside.tracebacks import without_frames
from autograder.text import clean

INI = Path(__file__).resolve().with_name("pytest.ini")
"""The settings of every grading."""
MARKERS = (
    "example(code, gives=..., raises=...): code that anybody may know, and what it must give; run when the test fails",
    "points(n): what a hidden test is worth",
    "gpu: the test needs a GPU; without one it is pending",
    "needs(*tasks): the tasks that this test builds on: if none of one's tests passes, and this fails, it is skipped",
    "timeout(cpu_seconds): the CPU time the test may take, if not the usual",
)


class PublicCheck(pytest.Item):
    """The grade cell itself, which students can run too. It earns no points, as it ran in the student's process."""

    outputs: Callable[[], list[NotebookNode]]
    """Returns the outputs of the executed cell."""

    def runtest(self) -> None:
        """Fail if there is an error in the outputs."""
        errors = [output for output in self.outputs() if output.output_type == "error"]
        if errors:
            # the last error: after an interrupt it is the platform's own, which gives the reason
            said = without_frames(errors[-1].evalue, lambda file: "your notebook" if "/ipykernel_" in file else None)
            raise CheckFailed(clean(f"the public check says: {errors[-1].ename}: {said}", 1_000))


def name_of(item: pytest.Item) -> str:
    """A test's name in results: its file and its own name."""
    return f"{item.path.name}::{item.nodeid.partition('::')[2]}"


def points_of(item: pytest.Item) -> float:
    """The points that a test is worth; 0 for a public check."""
    marker = item.get_closest_marker("points")
    return float(marker.args[0]) if marker and marker.args else 0.0


def check_declared(cell: str, worth: float, tests: list[pytest.Item], tasks: Collection[str]) -> None:
    """Check what the hidden tests of a cell declare: points that add up to the cell's, and tasks that there are.

    Raises
    ------
    pytest.UsageError
        when they do not.
    """
    for item in tests:
        if points_of(item) <= 0:
            raise pytest.UsageError(f"{name_of(item)}: a hidden test needs @pytest.mark.points(n), n > 0")
        for task in set(needs_of(item)) - set(tasks):
            raise pytest.UsageError(f"{name_of(item)}: it needs the task '{task}', and the notebook has none")
    total = sum(map(points_of, tests))
    chosen_by_name = any("::" in argument for argument in tests[0].config.args)
    if abs(total - worth) > 1e-9 and not chosen_by_name:
        file = tests[0].path.name
        raise pytest.UsageError(f"{file}: the points add up to {total:g}, the cell '{cell}' has {worth:g}")


def needs_of(item: pytest.Item) -> tuple[str, ...]:
    """The tasks that a test, or its module, says it builds on."""
    return tuple(str(task) for marker in item.iter_markers("needs") for task in marker.args)


def property_of(item: pytest.Item) -> Property:
    """The property and the hint of a test."""
    if isinstance(item, PublicCheck):
        return Property("The public check you were given", "")
    return Property.of(getattr(item, "function", None) or type(item), item.name)
