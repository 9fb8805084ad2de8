"""`make lab`: JupyterLab on this course, with nbgrader's formgrader, assignment list and validation.

nbgrader's extensions are switched on by their installation. Added here are the course's folder as the root, so that
they find ``nbgrader_config.py``, the kernels of the environments that are built, and the options of the command line.
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
    os.execv(sys.executable, [*command, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
