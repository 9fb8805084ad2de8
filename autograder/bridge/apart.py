"""Notebooks without hidden tests, executed in a worker: no gradebook, no configuration file, one folder for all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.utils import setenv
from traitlets.config import Config

from autograder.bridge.execute import GradeNotebook, RunNotebook, merge_written


@dataclass
class Executed:
    """What became of a submission's notebooks without hidden tests.

    Attributes
    ----------
    notebooks
        the executed notebooks as JSON, by name
    looks
        what an instructor should look at
    notes
        why there was no sandbox, if there was none
    """

    notebooks: dict[str, str] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class ExecuteApart(RunNotebook):
    """Executes a notebook in a folder with its files, where the next notebook finds what it wrote."""

    def __init__(self, executed: Executed, written: Path, **traits: Any) -> None:
        super().__init__(**traits)
        self._executed, self._written = executed, written

    def keep_written(self, bring_back: Callable[[Path], None]) -> None:
        """Keep what it wrote for the submission, and for the next notebook."""
        merge_written(bring_back, self._written, self._folder())

    def look(self, what: str) -> None:
        """Note what an instructor should look at."""
        self._executed.looks.append(f"notebook {self.resources['nbgrader']['notebook']}: {what}")

    def say_unjailed(self, note: str) -> None:
        """Note that there is no sandbox."""
        self._executed.notes.append(note)


def settings_of(config: Config) -> dict[str, Any]:
    """The part of a configuration that is about the execution of notebooks, as plain data where the course's is."""
    names = {part.__name__ for part in ExecuteApart.mro()}
    return {name: dict(config[name]) for name in sorted(names) if name in config}


def execute_apart(
    notebooks: Mapping[str, str], settings: Mapping[str, Any], policy: str, student: str, files: Path, written: Path
) -> Executed:
    """Execute a submission's notebooks, in nbgrader's order.

    Parameters
    ----------
    notebooks
        the sanitized notebooks as JSON, by name
    settings
        the result of :func:`settings_of` where the task was made
    policy
        the policy of the sandbox
    files, written
        the folder with the submission's files, and that for what the notebooks write

    Raises
    ------
    BadInput, PlatformFault
        as :class:`~autograder.bridge.stock.ExecuteByPolicy` does.
    """
    executed = Executed()
    config = Config({**settings, GradeNotebook.__name__: {**settings.get("GradeNotebook", {}), "sandbox": policy}})
    for name in sorted(notebooks):
        about = {"student": student, "notebook": name}
        step = ExecuteApart(executed, written, config=config)
        with setenv(NBGRADER_EXECUTION="autograde"), contextlib.chdir(files):
            nb = nbformat.reads(notebooks[name], as_version=4)
            nb, _ = step.preprocess(nb, {"metadata": {"path": os.getcwd()}, "nbgrader": about})
        executed.notebooks[name] = json.dumps(nb)
    return executed
