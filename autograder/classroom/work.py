"""The task of a worker: grade one submission, using only this package and the graders.

Everything sent to a worker, and everything it returns, is data. A worker does not read the submission's folder, the
gradebook or the configuration.
"""

from __future__ import annotations

import functools
import json
import socket
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.sprint import Sprint, graders_folder
from autograder.environments import Environment, find_environment
from autograder.errors import BadInput, PlatformFault
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.fingerprint import fingerprint
from autograder.grading.limits import Limits
from autograder.grading.results import Results
from autograder.grading.selection import Selection
from autograder.jail.lane import lane_for
from autograder.jail.preload import preload_for
from autograder.notebook.files import read_files, write_files
from autograder.notebook.prepare import Prepared, prepare
from autograder.notebook.read import read_notebook, read_release
from autograder.reports.junit import junit_xml
from autograder.reports.scored import with_scores
from autograder.temporary import temporary_folder


@dataclass(frozen=True)
class Task:
    """What a worker gets.

    Attributes
    ----------
    student
        the student's id, for messages
    sprint
        the sprint's slug
    notebook
        the sanitized notebook as JSON; empty if the worker rebuilds what was handed in
    files
        the files next to the notebook, by relative path
    limits, seed, policy
        limits, the course's seed and the sandbox policy
    graders
        the folder with a folder of hidden tests per sprint; a worker that has no such folder takes its own
    fingerprint
        the value of :func:`autograder.grading.fingerprint.fingerprint` where the task was made
    environment
        the name of the environment that the sprint's release names; empty for the worker's own
    gpu
        True to run only the tests that need a GPU; False to leave them pending and run the others
    stock
        the notebooks without hidden tests, sanitized, as JSON by name; with any, there is no ``notebook``
    execute
        the course's settings for their execution
    released
        the released notebook as JSON, with which causes are found; with hidden tests it is always there
    submitted
        the notebook's file as it was handed in, for the worker to rebuild on the released one
    """

    student: str
    sprint: str
    notebook: str
    files: dict[str, bytes]
    limits: Limits
    seed: str
    policy: str
    graders: str
    fingerprint: str
    environment: str = ""
    gpu: bool = False
    stock: dict[str, str] = field(default_factory=dict)
    execute: dict[str, Any] = field(default_factory=dict)
    released: str = ""
    submitted: bytes = b""


@dataclass(frozen=True)
class Graded:
    """What a worker returns.

    Attributes
    ----------
    notebook
        the executed notebook as JSON
    finished
        whether its scores are the outputs of its cells, and it is a valid notebook
    results, faults
        the results, and the tracebacks of broken tests by name
    junit
        the run as JUnit XML
    written
        the files the notebook wrote, by relative path
    note
        why there was no sandbox; empty if there was one
    stock
        the executed notebooks without hidden tests, as JSON by name
    looks
        what an instructor should look at
    changes, astray
        what the worker put right when it rebuilt the notebook, and which answers a person should look at
    took_s
        wall-clock seconds that the worker was busy with it
    """

    notebook: str
    results: Results
    junit: str = ""
    written: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    note: str = ""
    stock: dict[str, str] = field(default_factory=dict)
    looks: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()
    finished: bool = False
    took_s: float = 0.0


def joined(graded: Graded, with_gpu: Graded) -> Graded:
    """A submission's two results as one: GPU tests from ``with_gpu``, everything else from ``graded``."""
    suites = ElementTree.fromstring(graded.junit)
    suites.extend(ElementTree.fromstring(with_gpu.junit))
    return replace(
        graded,
        results=graded.results.merged(with_gpu.results),
        junit=ElementTree.tostring(suites, encoding="unicode", xml_declaration=True),
        faults=graded.faults | with_gpu.faults,
        finished=False,
        took_s=graded.took_s + with_gpu.took_s,
    )


def grade(task: Task) -> Graded:
    """Grade one submission, see :func:`_graded`, and note how long it took; called in a worker."""
    began = time.monotonic()
    return replace(_graded(task), took_s=time.monotonic() - began)


def _graded(task: Task) -> Graded:
    """Grade one submission.

    Raises
    ------
    BadInput
        when this worker has different platform code, graders or definition of the environment, or has not built the
        environment.
    PlatformFault
        when the hidden tests cannot be run, or the sandbox is required and missing.
    """
    sent = Path(task.graders)
    graders = (sent if sent.is_dir() else graders_folder()) / task.sprint  # this machine may have its own
    environment = _same_here(task, graders)
    if task.stock:
        return _graded_by_nbgraders_rules(task)
    with temporary_folder("task") as folder:
        files, written = Path(folder, "files"), Path(folder, "written")
        written.mkdir()
        write_files(task.files, files)
        sprint = Sprint(task.sprint, graders, Path(folder, f"{task.sprint}.ipynb"))
        sprint.release.write_text(task.released, encoding="utf-8")
        prepared = _prepared(task, sprint, Path(folder))
        usual = usual_preload(task.released)
        lane = lane_for(task.policy, prepared.notebook, ahead=1, gpu=task.gpu, environment=environment, usual=usual)
        conditions = Conditions(lane, task.seed, task.limits, Selection(only_gpu=task.gpu))
        done = grade_notebook(prepared.notebook, sprint, conditions, files=files, written=written)
        notebook = with_scores(done.notebook, done.results, graders)
        return Graded(
            json.dumps(notebook), done.results, junit_xml(done.results), read_files(written), done.faults,
            "" if lane.jailed else lane.note, changes=prepared.changes, astray=prepared.astray,
            finished=_valid(notebook),
        )  # fmt: skip


@functools.lru_cache(maxsize=8)
def usual_preload(released: str) -> tuple[str, ...]:
    """What is imported beforehand for a class that has this notebook, as JSON."""
    return preload_for(nbformat.reads(released, as_version=4))


def _prepared(task: Task, sprint: Sprint, folder: Path) -> Prepared:
    """The notebook to grade, rebuilt here unless it comes rebuilt.

    Raises
    ------
    PlatformFault
        when what was handed in cannot be read; it could when the class was planned.
    """
    if task.notebook:
        return Prepared(nbformat.reads(task.notebook, as_version=4), (), ())
    handed_in = folder / "submitted.ipynb"
    handed_in.write_bytes(task.submitted)
    try:
        return prepare(read_notebook(handed_in), read_release(sprint.release))
    except BadInput as error:  # it would end the class
        raise PlatformFault(str(error).replace(str(handed_in), f"{task.sprint}.ipynb")) from None


def _valid(notebook: NotebookNode) -> bool:
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError:  # it is said where the result is recorded
        return False
    return True


def _graded_by_nbgraders_rules(task: Task) -> Graded:
    """Execute the notebooks of an assignment without hidden graders; their points are read where they are recorded."""
    from autograder.bridge.apart import execute_apart  # here, because nbgrader takes a second to import

    with temporary_folder("task") as folder:
        files, written = Path(folder, "files"), Path(folder, "written")
        written.mkdir()
        write_files(task.files, files)
        try:
            done = execute_apart(task.stock, task.execute, task.policy, task.student, files, written)
        except BadInput as error:  # a kernel that one student's notebook names must not end the class
            raise PlatformFault(str(error)) from None
        return Graded(
            "", Results(task.sprint, task.sprint, [], task.fingerprint), written=read_files(written),
            note=next(iter(done.notes), ""), stock=done.notebooks, looks=tuple(done.looks),
        )  # fmt: skip


def _same_here(task: Task, graders: Path) -> Environment | None:
    """The environment that a task needs; None for the worker's own.

    Raises
    ------
    BadInput
        when this worker's code, graders or environment do not match the task.
    """
    mine = fingerprint(graders, task.environment)
    if mine != task.fingerprint:
        raise BadInput(
            f"the worker on {socket.gethostname()} has {mine} of '{task.sprint}', and {task.fingerprint} is wanted:"
            " install the same version and the same graders there"
        )
    environment = find_environment(task.environment) if task.environment else None
    if environment is not None and not environment.is_built():
        raise BadInput(f"the worker on {socket.gethostname()} cannot grade '{task.sprint}': {environment.lacking()}")
    return environment
