"""Grading one notebook from Python: what `autograder grade` and nbgrader's autograde call."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course.seed import course_seed
from autograder.course.sprint import Sprint, data_folder, project_root
from autograder.errors import PlatformFault
from autograder.grading import plugin
from autograder.grading.limits import Limits
from autograder.grading.results import Results
from autograder.grading.run import GradingRun, Progress
from autograder.grading.selection import EVERYTHING, Selection
from autograder.jail.gpus import gpu_count
from autograder.jail.kernel import KernelSource, ordinary_kernel
from autograder.notebook.read import check_submission, read_notebook, read_release
from autograder.notebook.rebuild import rebuild
from autograder.reports.junit import junit_xml

_log = logging.getLogger(__name__)
INI = Path(__file__).resolve().with_name("pytest.ini")
FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
ATTEMPTS = 2
"""How often a submission is graded when the platform fails."""


@dataclass(frozen=True)
class GradedNotebook:
    """A submission after grading: its cells with their outputs, the results, and broken tests' tracebacks by name."""

    notebook: NotebookNode
    results: Results
    faults: dict[str, str]


def load_submission(path: Path, sprint: Sprint) -> NotebookNode:
    """Read a submission and rebuild it on the released notebook.

    Raises
    ------
    BadInput
        when it is not a notebook of this sprint.
    """
    base = read_release(sprint.release)
    submission = read_notebook(path)
    check_submission(submission, base, path)
    notebook, changes = rebuild(submission, base)
    for change in changes:
        _log.info("%s: %s", path, change)
    return notebook


def new_run(
    notebook: NotebookNode,
    sprint: Sprint,
    *,
    files: Path | None = None,
    limits: Limits | None = None,
    kernels: KernelSource = ordinary_kernel,
    seed: str | None = None,
    gpu: bool | None = None,
    selection: Selection = EVERYTHING,
    progress: Progress | None = None,
) -> GradingRun:
    """A run, ready to be given to pytest. ``seed`` is the course's own unless given, ``gpu`` whether there is one."""
    if files is not None and sprint.graders.resolve().is_relative_to(files.resolve()):
        _log.warning("%s holds the hidden tests, so none of its files is put beside the notebook", files)
        files = None
    return GradingRun(
        notebook,
        sprint,
        kernels=kernels,
        files=files,
        limits=limits or Limits(),
        seed=seed or course_seed(data_folder(project_root())),
        gpu=gpu_count() > 0 if gpu is None else gpu,
        selection=selection,
        progress=progress,
    )


def grade_notebook(
    notebook: NotebookNode,
    sprint: Sprint,
    *,
    files: Path | None = None,
    written: Path | None = None,
    junit: Path | None = None,
    limits: Limits | None = None,
    kernels: KernelSource = ordinary_kernel,
    seed: str | None = None,
    gpu: bool | None = None,
    selection: Selection = EVERYTHING,
    progress: Progress | None = None,
) -> GradedNotebook:
    """Grade a notebook that has been rebuilt on the instructor's; once more after a fault of the platform.

    Parameters
    ----------
    files
        the folder whose regular files the notebook finds beside it
    written
        the folder to which come the files it wrote there
    junit
        where to write JUnit XML
    gpu
        whether tests that need a GPU are run; whether there is one, unless given
    selection
        which tests are run; if that is none of them, the results have no cells

    Raises
    ------
    PlatformFault
        when the hidden tests cannot be run at all. A single test that cannot is `broken` in the results.
    """
    attempt = 0
    while True:
        attempt += 1
        run = new_run(
            copy.deepcopy(notebook), sprint,
            files=files, limits=limits, kernels=kernels, seed=seed, gpu=gpu, selection=selection, progress=progress,
        )  # fmt: skip
        run.written = written
        done = _run(run, sprint, junit)
        if not run.platform_failed or attempt == ATTEMPTS:
            return done
        _log.warning("%s is graded again after a fault of the platform", sprint.slug)


def _run(run: GradingRun, sprint: Sprint, junit: Path | None) -> GradedNotebook:
    """The pytest session."""
    _forget_namesakes(sprint.graders)
    arguments = ["-c", str(INI), "--rootdir", str(sprint.graders), "--disable-plugin-autoload", "--capture=no"]
    said = io.StringIO()
    run.notebook_run.start_soon()  # it gets ready while pytest collects
    with _own_settings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main([*arguments, str(sprint.graders)], plugins=[plugin, run])
    run.close()
    allowed = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if run.selection.partial:
        allowed.add(pytest.ExitCode.NO_TESTS_COLLECTED)
    if status not in allowed or run.results is None:
        raise PlatformFault(f"the hidden tests of {sprint.slug} could not be run:\n{said.getvalue()[-2000:]}")
    if junit is not None:
        junit.write_text(junit_xml(run.results), encoding="utf-8")
    return GradedNotebook(run.notebook_run.notebook, run.results, run.faults)


@contextlib.contextmanager
def _own_settings() -> Iterator[None]:
    """Without what the environment says for other tests: ``PYTEST_ADDOPTS`` could leave some of these out."""
    theirs = {name: os.environ.pop(name) for name in FOREIGN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(theirs)


def _forget_namesakes(graders: Path) -> None:
    """Forget hidden tests of a sprint of this name that lie elsewhere: pytest would take them for these."""
    for name in [name for name in sys.modules if f"{graders.name}." in name]:
        file, (package, module) = getattr(sys.modules[name], "__file__", None), name.split(".")[-2:]
        lies_elsewhere = file is not None and Path(file).parent != graders
        if package == graders.name and lies_elsewhere and (graders / f"{module}.py").is_file():
            del sys.modules[name]
