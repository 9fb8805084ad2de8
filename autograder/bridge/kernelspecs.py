"""Which of Jupyter's kernels can be had in a jail: the course's own Python, and the environments that it has built.

How the others are reached, which run as Jupyter runs them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder import temporary
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
    program = (spec.argv or [""])[0]
    if _is_ipython(spec) and (_BY_NAME.fullmatch(program) or _same(program, sys.executable)):
        return None
    raise BadInput(
        f"the kernel '{name}' cannot be executed in a jail: it is not the Python of this course."
        " Give the notebook the kernel 'python3' or an environment's, or choose AUTOGRADER_SANDBOX=off"
    )


@contextmanager
def on_unix_sockets(manager: Any) -> Iterator[None]:
    """Let a manager's IPython kernel be reached over sockets in a folder of its own, unless the course says how.

    For TCP, Jupyter looks for free ports before the kernel starts, and another kernel may have taken one by the time it
    binds them. The kernel ends then, and nbgrader waits a minute for it. Nobody else can reach a folder of its own.
    """
    asked = "transport" in manager.config.get("ConnectionFileMixin", {}) | manager.config.get("KernelManager", {})
    if asked or manager.transport != "tcp" or not _is_ipython(manager.kernel_spec) or os.name != "posix":
        yield
        return
    folder = temporary.short_folder()
    manager.transport, manager.connection_file = "ipc", str(folder / "kernel.json")
    try:
        yield
    finally:
        temporary.remove(folder)


def _is_ipython(spec: Any) -> bool:
    return spec.language == "python" and any(argument.startswith("ipykernel") for argument in spec.argv[1:])


def _same(one: str, other: str) -> bool:
    """Whether two programs are the same Python with the same packages, which lie where its folder says."""
    return os.path.dirname(one) == os.path.dirname(other) and os.path.realpath(one) == os.path.realpath(other)
