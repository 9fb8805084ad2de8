"""The task of a worker: one submission, graded with this package, the graders and nothing else.

All that goes to a worker and all that comes back is data. A worker reads no submission, no gradebook and no
configuration.
"""

from __future__ import annotations

import json
import socket
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat

from autograder.course.sprint import Sprint, graders_folder
from autograder.environments import Environment, find_environment
from autograder.errors import BadInput
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.fingerprint import fingerprint
from autograder.grading.limits import Limits
from autograder.grading.results import Results
from autograder.grading.selection import Selection
from autograder.jail.lane import lane_for
from autograder.notebook.files import read_files, write_files
from autograder.reports.junit import junit_xml


@dataclass(frozen=True)
class Task:
    """What a worker is given.

    Attributes
    ----------
    student
        whose it is, for messages
    sprint
        the sprint's slug
    notebook
        the sanitised notebook as JSON
    files
        what the notebook finds beside it, by relative path
    limits, seed, policy
        limits, the course's seed and the sandbox policy
    graders
        the folder with one folder of hidden tests a sprint; a worker that has no such folder takes its own
    fingerprint
        what :func:`autograder.grading.fingerprint.fingerprint` says where the task was made
    environment
        the name of the environment that the sprint's release names; empty: the worker's own
    gpu
        whether to run the tests that need a GPU, and only these; without, they are pending
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


@dataclass(frozen=True)
class Graded:
    """What a worker gives back.

    Attributes
    ----------
    notebook
        the executed notebook as JSON
    results, faults
        the results, and broken tests' tracebacks by name
    junit
        the run as JUnit XML
    written
        the files the notebook wrote, by relative path
    note
        what the sandbox lacked, or nothing
    """

    notebook: str
    results: Results
    junit: str = ""
    written: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    note: str = ""


def joined(graded: Graded, with_gpu: Graded) -> Graded:
    """One submission from its two lanes: the tests that needed a GPU from one, all else from the other."""
    suites = ElementTree.fromstring(graded.junit)
    suites.extend(ElementTree.fromstring(with_gpu.junit))
    return replace(
        graded,
        results=graded.results.merged(with_gpu.results),
        junit=ElementTree.tostring(suites, encoding="unicode", xml_declaration=True),
        faults=graded.faults | with_gpu.faults,
    )


def grade(task: Task) -> Graded:
    """Grade one submission; called in a worker.

    Raises
    ------
    BadInput
        when this worker has other code of the platform, other graders or another definition of the environment, or
        has not built that.
    PlatformFault
        when the hidden tests cannot be run, or there is no sandbox though it is required.
    """
    sent = Path(task.graders)
    graders = (sent if sent.is_dir() else graders_folder()) / task.sprint  # this machine may have its own
    environment = _same_here(task, graders)
    notebook = nbformat.reads(task.notebook, as_version=4)
    lane = lane_for(task.policy, notebook, ahead=1, gpu=task.gpu, environment=environment)
    conditions = Conditions(lane, task.seed, task.limits, Selection(only_gpu=task.gpu))
    sprint = Sprint(task.sprint, graders, Path(f"{task.sprint}.ipynb"))
    with tempfile.TemporaryDirectory(prefix="task-") as folder:
        files, written = Path(folder, "files"), Path(folder, "written")
        written.mkdir()
        write_files(task.files, files)
        done = grade_notebook(notebook, sprint, conditions, files=files, written=written)
        return Graded(
            json.dumps(done.notebook), done.results, junit_xml(done.results), read_files(written), done.faults,
            "" if lane.jailed else lane.note,
        )  # fmt: skip


def _same_here(task: Task, graders: Path) -> Environment | None:
    """The environment that a task needs.

    Raises
    ------
    BadInput
        when this worker is not what the task was made for.
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
