"""Makes the first worker that comes to a given state end as SIGKILL ends it; used by ``deaths.py``.

The process from which this machine's workers are forked imports this, and so each worker has it. ``DEATH_STATE`` names
the state, and the folder ``DEATH_FOLDER`` has the file of the one death, and one line for each start of a grading.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed import Worker

from autograder.classroom import work
from autograder.classroom.work import Graded, Task
from autograder.grading.cell_client import CellClient
from autograder.grading.session import Session
from autograder.jail.warm import WarmJail

STATES = ("starting", "importing", "idle", "receiving", "cell", "test", "sending")
SLOW = "time.sleep(2)"
"""What the cell that is executed for long has in it."""
IDLE_S = 0.7
"""A worker is idle when it has had nothing to do for so long."""
FOLDER, STATE = Path(os.environ.get("DEATH_FOLDER", ".")), os.environ.get("DEATH_STATE", "")


def die() -> None:
    """End this process, unless one has ended already."""
    try:
        descriptor = os.open(FOLDER / "died", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    os.write(descriptor, str(time.time()).encode())
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(seconds: float) -> None:
    """End this process in a while, whatever it does then."""
    threading.Timer(seconds, die).start()


def before(owner: Any, name: str, act: Callable[..., None]) -> None:
    """Have each call of a method or function do something first."""
    plain = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        act(*arguments)
        return plain(*arguments, **named)

    setattr(owner, name, call)


def note(task: Task) -> None:
    """Add a line for the start of a grading."""
    with (FOLDER / "started").open("a") as file:
        file.write(f"{task.student}\n")


def when_idle() -> None:
    """End this process when it has graded, and then had nothing to do for a while."""
    plain, working = work.grade, [0]

    def grade(task: Task) -> Graded:
        working[0] += 1
        mine = working[0]
        try:
            return plain(task)
        finally:
            threading.Timer(IDLE_S, lambda: die() if working[0] == mine else None).start()

    grade.__module__, grade.__qualname__ = plain.__module__, plain.__qualname__
    work.grade = grade


def when_received(task: Task, state: dict[str, Any]) -> None:
    """End this process while it unpacks a task."""
    die()
    vars(task).update(state)


def when_sent(graded: Graded) -> dict[str, Any]:
    """End this process while it packs a result."""
    die()
    return vars(graded)


def arm() -> None:
    """Put the death in its place."""
    if STATE == "starting":
        before(Worker, "__init__", lambda *_: die())
    elif STATE == "importing":
        before(WarmJail, "warm_up", lambda *_: die_after(1.5))
    elif STATE == "idle":
        when_idle()
    elif STATE == "receiving":
        Task.__setstate__ = when_received  # type: ignore[attr-defined]
    elif STATE == "cell":
        before(CellClient, "run", lambda _, cell, *rest: die_after(1) if SLOW in cell.source else None)
    elif STATE == "test":
        before(Session, "perform", lambda *_: die())
    elif STATE == "sending":
        Graded.__getstate__ = when_sent  # type: ignore[assignment]
    before(work, "grade", note)


arm()
