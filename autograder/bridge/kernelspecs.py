"""Which of Jupyter's kernels can be had in a jail: the course's own Python, and the environments that it has built."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from autograder.environments import Environment, environments, find_environment
from autograder.errors import BadInput

_BY_NAME = re.compile(rf"python({sys.version_info[0]}(\.{sys.version_info[1]})?)?")
"""Programs in place of which Jupyter starts the Python that runs it."""


def jailable(manager: Any) -> Environment | None:
    """The environment of a manager's kernel in a jail; None means the Python that runs this code.

    Raises
    ------
    BadInput
        when the kernel is neither this Python's nor an environment's.
    jupyter_client.kernelspec.NoSuchKernel
        when Jupyter knows no kernel of its name.
    """
    name, spec = manager.kernel_name, manager.kernel_spec
    if name in environments():
        return find_environment(name)
    program, *arguments = spec.argv or [""]
    ipython = spec.language == "python" and any(argument.startswith("ipykernel") for argument in arguments)
    if ipython and (_BY_NAME.fullmatch(program) or _same(program, sys.executable)):
        return None
    raise BadInput(
        f"the kernel '{name}' cannot be executed in a jail: it is not the Python of this course."
        " Give the notebook the kernel 'python3' or an environment's, or choose AUTOGRADER_SANDBOX=off"
    )


def _same(one: str, other: str) -> bool:
    """Whether two programs are the same Python with the same packages, which lie where its folder says."""
    return os.path.dirname(one) == os.path.dirname(other) and os.path.realpath(one) == os.path.realpath(other)
