"""`make lab`: JupyterLab on this course, with nbgrader's formgrader, assignment list and validation.

nbgrader's extensions are installed switched on; what is added here is the course: its folder as the root, so that
they find ``nbgrader_config.py``, the kernels of the environments that are built, and the port and address from the command line, if given.
"""

from __future__ import annotations

import os
import sys

from autograder.course.sprint import project_root
from autograder.environments import offer_kernels


def main(arguments: list[str]) -> None:
    """Become JupyterLab; ``arguments`` are passed on to it."""
    root = project_root()
    os.chdir(root)
    offer_kernels()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", "--ServerApp.ip=127.0.0.1"]
    if os.geteuid() == 0:
        command.append("--allow-root")  # in a container everybody is root; the server listens on loopback only
    os.execv(sys.executable, [*command, *arguments])  # noqa: S606 - the course's own server, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
