"""`make lab`: JupyterLab on this course, with nbgrader's formgrader, assignment list and validation.

Installing nbgrader switches its extensions on. This module makes the course's folder the root, so that they find
``nbgrader_config.py``, adds the kernels of the environments that are built and the extension for pages of feedback, and
passes command-line options on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.course.sprint import project_root
from autograder.environments import offer_kernels

EXTENSIONS = Path(__file__).with_name("labextensions")
"""The extension of JupyterLab; a wheel installs it, an editable installation does not."""


def main(arguments: list[str]) -> None:
    """Replace this process with JupyterLab; ``arguments`` are passed on to it."""
    root = project_root()
    os.chdir(root)
    offer_kernels()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", "--ServerApp.ip=127.0.0.1"]
    command.append(f"--LabServerApp.extra_labextensions_path={EXTENSIONS}")
    if os.geteuid() == 0:
        command.append("--allow-root")  # in a container the user is often root; the server listens on loopback only
    os.execv(sys.executable, [*command, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
