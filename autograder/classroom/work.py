"""The unit of work: one submission, graded by a worker that needs this package, the graders and nothing else.

All that goes to a worker and all that comes back is data. A worker reads no submission, no gradebook and no
configuration.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import nbformat

from autograder import __version__
from autograder.course.sprint import Sprint, graders_folder
from autograder.environments import find_environment
from autograder.errors import BadInput
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.limits import Limits
from autograder.grading.results import Results
from autograder.grading.selection import Selection
from autograder.jail.lane import sandbox_for
from autograder.notebook.files import read_files, write_files

Lane = Literal["cpu", "gpu"]


@dataclass(frozen=True)
class Unit:
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
    lane
        ``cpu``: all tests, of which those that need a GPU are pending; ``gpu``: only these
    graders
        the folder with one folder of hidden tests a sprint; a worker that has no such folder takes its own
    fingerprint
        what :func:`fingerprint` says where the unit was made
    environment
        the name of the environment that the sprint's release names; empty: the worker's own
    """

    student: str
    sprint: str
    notebook: str
    files: dict[str, bytes]
    limits: Limits
    seed: str
    policy: str
    graders: str | None
    fingerprint: str
    lane: Lane = "cpu"
    environment: str = ""


@dataclass(frozen=True)
class GradedUnit:
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
    written: dict[str, bytes] | None = None
    faults: dict[str, str] | None = None
    note: str = ""

    def graded(self) -> GradedNotebook:
        """The same as the engine gives it."""
        return GradedNotebook(nbformat.from_dict(json.loads(self.notebook)), self.results, self.faults or {})


def joined(cpu: GradedUnit, gpu: GradedUnit) -> GradedUnit:
    """What the two lanes made of one submission: the tests that needed a GPU from one, all else from the other."""
    suites = ElementTree.fromstring(cpu.junit)
    suites.extend(ElementTree.fromstring(gpu.junit))
    return replace(
        cpu,
        results=cpu.results.merged(gpu.results),
        junit=ElementTree.tostring(suites, encoding="unicode", xml_declaration=True),
        faults={**(cpu.faults or {}), **(gpu.faults or {})},
    )


def fingerprint(graders: Path, environment: str = "") -> str:
    """The package's version and the files of a sprint's hidden tests as a short text, the same on every machine.

    The modules beside the sprint's folder, which all sprints share, count too, and so does the definition of the
    sprint's environment.

    Raises
    ------
    BadInput
        when there is no environment of that name.
    """
    digest = hashlib.sha256()
    for path in sorted([*graders.rglob("*"), *graders.parent.glob("*.py")]):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(graders.parent).as_posix()}\0{len(content)}\0".encode() + content)
    known = f"autograder {__version__}, graders {digest.hexdigest()[:12]}"
    return f"{known}, environment {find_environment(environment).key}" if environment else known


def grade_unit(unit: Unit) -> GradedUnit:
    """Grade one submission; called in a worker.

    Raises
    ------
    BadInput
        when this worker has another version of the package, other graders or another definition of the environment, or
        has not built that.
    PlatformFault
        when the hidden tests cannot be run, or there is no sandbox though it is required.
    """
    sent = Path(unit.graders) if unit.graders else None
    graders = (sent if sent and sent.is_dir() else graders_folder()) / unit.sprint  # this machine may have its own
    mine = fingerprint(graders, unit.environment)
    if mine != unit.fingerprint:
        raise BadInput(
            f"the worker on {socket.gethostname()} has {mine} of '{unit.sprint}', and {unit.fingerprint} is wanted:"
            " install the same version and the same graders there"
        )
    _forget_other_graders(graders.parent, mine)
    notebook = nbformat.reads(unit.notebook, as_version=4)
    environment = find_environment(unit.environment) if unit.environment else None
    if environment is not None and not environment.is_built():
        raise BadInput(f"the worker on {socket.gethostname()} cannot grade '{unit.sprint}': {environment.lacking()}")
    box = sandbox_for(unit.policy, notebook, ahead=1, gpu=unit.lane == "gpu", environment=environment)
    with tempfile.TemporaryDirectory(prefix="unit-") as folder:
        files, written, junit = Path(folder, "files"), Path(folder, "written"), Path(folder, "junit.xml")
        written.mkdir()
        write_files(unit.files, files)
        done = grade_notebook(
            notebook, Sprint(unit.sprint, graders, Path(f"{unit.sprint}.ipynb")), files=files, written=written,
            junit=junit, limits=unit.limits, kernels=box.kernels, seed=unit.seed,
            gpu=None if unit.lane == "gpu" else False, selection=Selection(only_gpu=unit.lane == "gpu"),
        )  # fmt: skip
        return GradedUnit(
            json.dumps(done.notebook), done.results, junit.read_text(encoding="utf-8"), read_files(written),
            done.faults, "" if box.jailed else box.note,
        )  # fmt: skip


_imported: set[tuple[Path, str]] = set()
"""The folder of graders this process imports from, and their fingerprint."""


def _forget_other_graders(folder: Path, mine: str) -> None:
    """Have hidden tests imported again when they are others than before: a cluster's worker may live for long."""
    if _imported <= {(folder, mine)}:
        _imported.add((folder, mine))
        return
    places = {place.resolve() for place, _ in _imported}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and any(Path(file).resolve().is_relative_to(place) for place in places):
            del sys.modules[name]
    _imported.clear()
    _imported.add((folder, mine))
