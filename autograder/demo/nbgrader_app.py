"""Runs nbgrader's own command as a user does: in a separate process, in a folder, with that folder's configuration."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import PlatformFault

_OURS = re.compile(r"(COURSE_|NBGRADER_|AUTOGRADER_ROOT|JUPYTER_)")


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
    command = [sys.executable, "-P", "-m", "nbgrader", *arguments]
    printed = []
    with (
        subprocess.Popen(
            command, cwd=cwd, env=environment, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process,
        log.open("a", encoding="utf-8") as file,
    ):  # fmt: skip
        assert process.stdout is not None
        file.write(f"$ nbgrader {' '.join(arguments)}\n")
        for line in process.stdout:
            printed.append(line)
            file.write(line)
            if on_line is not None:
                on_line(line)
    if process.returncode and not allow_failure:
        raise PlatformFault(f"'nbgrader {arguments[0]}' ended with {process.returncode}: see {log}")
    return "".join(printed)
