"""Grades one notebook from Python. `autograder grade` and nbgrader's autograde call this."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course.sprint import Sprint
from autograder.errors import GradersFault, PlatformFault
from autograder.grading.conditions import Conditions
from autograder.grading.imported import forget_others
from autograder.grading.items import INI
from autograder.grading.results import Results
from autograder.grading.run import GradingRun, Progress

_log = logging.getLogger(__name__)
FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
ATTEMPTS = 2
"""How many times a submission is graded if the platform fails."""


@dataclass(frozen=True)
class GradedNotebook:
    """A graded submission.

    Attributes
    ----------
    notebook
        the notebook with its outputs
    results
        the results
    faults
        the tracebacks of broken tests by name
    cpu_s, wall_s
        the seconds that its kernels took: CPU time of all of them, and wall-clock time from the start of the first;
        0 where that is not known
    by_seed
        the results with each other seed that the conditions ask for
    """

    notebook: NotebookNode
    results: Results
    faults: dict[str, str]
    cpu_s: float = 0.0
    wall_s: float = 0.0
    by_seed: dict[str, Results] = field(default_factory=dict)


def grade_notebook(
    notebook: NotebookNode,
    sprint: Sprint,
    conditions: Conditions,
    *,
    files: Path | None = None,
    written: Path | None = None,
    progress: Progress | None = None,
) -> GradedNotebook:
    """Grade a notebook that has been rebuilt on the released one. After a fault of the platform, grade it once more.

    Parameters
    ----------
    files
        the folder whose regular files the notebook finds in its working directory
    written
        the folder into which the files that the notebook wrote there are copied
    progress
        called after each test

    Raises
    ------
    PlatformFault
        when the hidden tests cannot be run at all. A single test that cannot be run is `broken` in the results.
    """
    if files is not None and sprint.graders.resolve().is_relative_to(files.resolve()):
        _log.warning("%s holds the hidden tests, so none of its files is put beside the notebook", files)
        files = None
    attempt = 0
    while True:
        attempt += 1
        run = GradingRun(copy.deepcopy(notebook), sprint, conditions, files=files, written=written, progress=progress)
        done = _run(run, sprint)
        if not run.platform_failed or attempt == ATTEMPTS:
            return done
        _log.warning("%s is graded again after a fault of the platform", sprint.slug)


def _run(run: GradingRun, sprint: Sprint) -> GradedNotebook:
    """Run the pytest session."""
    forget_others(sprint.graders, run.graded_with)
    arguments = ["-c", str(INI), "--rootdir", str(sprint.graders), "--disable-plugin-autoload", "--capture=no"]
    said = io.StringIO()
    run.notebook_run.start_soon()  # the kernel starts while pytest collects the tests
    with _own_settings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main([*arguments, str(sprint.graders)], plugins=[run])
    run.close()
    allowed = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if run.conditions.selection.partial:
        allowed.add(pytest.ExitCode.NO_TESTS_COLLECTED)
    if status not in allowed or run.results is None:
        raise _fault(sprint, status, said.getvalue())
    took = run.allowance.cpu_seconds(), run.allowance.wall_seconds()
    return GradedNotebook(run.notebook_run.notebook, run.results, run.faults, *took, run.by_seed)


def _fault(sprint: Sprint, status: int | pytest.ExitCode, said: str) -> PlatformFault:
    """Why pytest has not run the hidden tests: its reason, or else the end of what it said.

    What pytest refuses before it runs a test is the graders' own: it has only imported them, and compared what they
    declare with the released cells.
    """
    what = f"the hidden tests of {sprint.slug} could not be run"
    refused = re.search(r"^ERROR: (.*)", said, re.MULTILINE)
    if status == pytest.ExitCode.USAGE_ERROR and refused:
        return GradersFault(f"{what}: {refused[1]}")
    collecting = re.search(r"^_+ ERROR collecting (.+) _+\n((?:(?![_=]{3}).*\n)*)", said, re.MULTILINE)
    if status == pytest.ExitCode.INTERRUPTED and collecting:
        lines = collecting[2].splitlines()
        raised = [line[1:] for line in lines if line.startswith("E  ")] or lines
        return GradersFault(f"{what}: {collecting[1]}: {' '.join(' '.join(raised).split())[-500:]}")
    return PlatformFault(f"{what}:\n{said[-2000:]}")


@contextlib.contextmanager
def _own_settings() -> Iterator[None]:
    """Without pytest's environment variables, which are for other tests: ``PYTEST_ADDOPTS`` could leave some out."""
    theirs = {name: os.environ.pop(name) for name in FOREIGN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(theirs)
