"""Whether student code runs in the sandbox: the policy, and the kernels it means on this machine."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from nbformat import NotebookNode

from autograder.environments import Environment
from autograder.errors import BadInput, PlatformFault
from autograder.jail import bubblewrap, warm
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel, KernelSource, ordinary_kernel

Policy = Literal["required", "preferred", "off"]
POLICIES: tuple[str, ...] = get_args(Policy)
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w.*)", re.MULTILINE)
_SLOW = {
    "torch": ("torch", "torch._dynamo"),
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("tensorflow", "keras"),
    "matplotlib": ("matplotlib.pyplot",),
    "sklearn": ("sklearn.datasets",),
    "flask": ("flask",),
    "tensorboard": ("tensorboard.backend.event_processing.event_accumulator",),
}
"""What takes long to import, by the first part of its name."""


@dataclass(frozen=True)
class Sandbox:
    """The kernels student code runs in.

    Attributes
    ----------
    kernels
        starts one
    note
        what stands between student code and this machine, in one line
    jailed
        whether it is the jail
    gpu
        whether tests that need a GPU can be run in them; None: if this machine has one
    """

    kernels: KernelSource
    note: str
    jailed: bool
    gpu: bool | None = None


def default_policy() -> str:
    """``AUTOGRADER_SANDBOX``, or ``required``."""
    return os.environ.get("AUTOGRADER_SANDBOX") or "required"


def sandbox_for(
    policy: str,
    notebook: NotebookNode | None = None,
    *,
    ahead: int = 0,
    gpu: bool = False,
    environment: Environment | None = None,
) -> Sandbox:
    """What a policy means here.

    ``notebook``: the one to be graded, or one like it; what it imports is imported beforehand. ``ahead``: how many
    kernels to make before they are needed. ``gpu``: whether the jail sees this machine's GPUs, which is for tests that
    need one and for no others. ``environment``: that of the sprint, as its release names it, where it has one of its
    own.

    Raises
    ------
    BadInput
        when there is no such policy.
    PlatformFault
        when the sandbox is required and cannot be had, or the environment is not built.
    """
    if policy not in POLICIES:
        raise BadInput(f"unknown sandbox policy '{policy}': it is one of {', '.join(POLICIES)}")
    python = environment.interpreter() if environment else None
    ordinary = functools.partial(ordinary_kernel, python=python) if python else ordinary_kernel
    if policy == "off":
        return Sandbox(ordinary, "sandbox: off, the notebook could read what you can read", jailed=False)
    preload = (*warm.ALWAYS, *environment.preload) if environment else preload_for(notebook)
    # trying the sandbox takes longer than all else here, and this is asked for each submission
    lacking = None if warm.runs(preload, gpu=gpu, python=python) else bubblewrap.missing()
    if lacking is None:
        jail = warm.shared(preload, ahead=ahead, gpu=gpu, python=python)
        jail.warm_up_soon()

        def in_jail(files: Path | None) -> Kernel:
            return jailed_kernel(files, jail)

        return Sandbox(in_jail, "sandbox: on", jailed=True, gpu=None if gpu else False)
    if policy == "required":
        raise PlatformFault(f"the sandbox is required and cannot be had: {lacking}; 'off' is a choice, see --sandbox")
    note = f"sandbox: none, the notebook could read what you can read; {lacking}"
    return Sandbox(ordinary, note, jailed=False)


def preload_for(notebook: NotebookNode | None) -> tuple[str, ...]:
    """The modules to import before a notebook runs: what every kernel needs, and the slow ones that its cells name."""
    cells = notebook.cells if notebook else ()
    lines = [line for cell in cells if cell.cell_type == "code" for line in _IMPORT.findall(cell.source)]
    # of "import a as b, c.d": a and c
    named = {re.split(r"\W", name.strip(), maxsplit=1)[0] for line in lines for name in line.split(",")}
    wanted = {module for name in named for module in _SLOW.get(name, ())}
    return tuple(module for module in warm.PRELOAD if module in wanted or module in warm.ALWAYS)
