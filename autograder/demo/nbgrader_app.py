"""Runs nbgrader's own command as a user does: in a separate process, in a folder, with that folder's configuration.

A command spends nearly all of its time with imports. So each process is forked from one that has imported nbgrader, and
that never did anything else.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.classroom import fork_server
from autograder.errors import PlatformFault

_OURS = re.compile(r"(COURSE_|NBGRADER_|AUTOGRADER_ROOT|JUPYTER_)")
_IMPORTED = (
    "nbgrader.apps", "nbgrader.api", "nbconvert.exporters.html", "pygments.lexers.python", "autograder.bridge.config",
    "autograder.cli",
)  # fmt: skip
"""What nbgrader's commands spend their time with."""
_FORKED = multiprocessing.get_context(fork_server.METHOD)
_starting = threading.Lock()
"""Processes are started and waited for by one thread at a time: `multiprocessing` looks after all of them then."""


@contextmanager
def own_settings() -> Iterator[None]:
    """While the demo's course is read in this process: no variable of another course's counts."""
    others = {name: os.environ.pop(name) for name in list(os.environ) if _OURS.match(name)}
    try:
        yield
    finally:
        os.environ.update(others)


def nbgrader(
    *arguments: str, cwd: Path, log: Path, allow_failure: bool = False, on_line: Callable[[str], None] | None = None
) -> str:
    """Run ``nbgrader ARGUMENTS`` in ``cwd`` and return what it printed, which is also appended to ``log``.

    ``on_line`` is called with each line as it is printed.

    Raises
    ------
    PlatformFault
        when the command fails, unless ``allow_failure`` is set.
    """
    environment = {name: text for name, text in os.environ.items() if not _OURS.match(name)}
    reads, writes = _FORKED.Pipe(duplex=False)
    process = _FORKED.Process(target=_be_nbgrader, args=(arguments, str(cwd), environment, writes))
    printed = []
    with reads, log.open("a", encoding="utf-8") as file:
        file.write(f"$ nbgrader {' '.join(arguments)}\n")
        with writes, _starting:
            fork_server.start_soon(_IMPORTED)
            process.start()
        try:
            with open(reads.fileno(), encoding="utf-8", errors="replace", closefd=False) as lines:
                for line in lines:
                    printed.append(line)
                    file.write(line)
                    if on_line is not None:
                        on_line(line)
        except BaseException:
            process.kill()
            raise
        finally:
            with _starting:
                process.join()
    if process.exitcode and not allow_failure:
        raise PlatformFault(f"'nbgrader {arguments[0]}' ended with {process.exitcode}: see {log}")
    return "".join(printed)


def _be_nbgrader(arguments: tuple[str, ...], cwd: str, environment: dict[str, str], output: Connection) -> None:
    """Be the process of one command, until its end."""
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    output.close()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None  # it may have been asked for with other variables
    sys.path[:] = [folder for folder in sys.path if folder]  # nothing is imported from the folder itself
    sys.argv = ["nbgrader", *arguments]
    runpy.run_module("nbgrader", run_name="__main__")
