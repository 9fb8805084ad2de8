"""The lane in which a submission is graded: which kernels, whether they are jailed, whether they have GPUs.

It is one value, so that the kernels are never passed on without what is known about them.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from nbformat import NotebookNode

from autograder.environments import Environment
from autograder.errors import BadInput, PlatformFault
from autograder.jail import bubblewrap, warm
from autograder.jail.gpus import gpu_count
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel, KernelSource
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.preload import ALWAYS, preload_for

Policy = Literal["required", "preferred", "off"]
POLICIES: tuple[str, ...] = get_args(Policy)


@dataclass(frozen=True)
class Lane:
    """The kernels that student code runs in.

    Attributes
    ----------
    kernels
        starts a kernel
    gpu
        whether kernels may use a GPU and there is one: tests that need a GPU run only in such a lane
    jailed
        whether each kernel has its own jail
    note
        one line that says what protects this machine from student code
    """

    kernels: KernelSource
    gpu: bool = False
    jailed: bool = False
    note: str = ""


def default_policy() -> str:
    """``AUTOGRADER_SANDBOX``, or ``required``."""
    return os.environ.get("AUTOGRADER_SANDBOX") or "required"


def lane_for(
    policy: str,
    notebook: NotebookNode | None = None,
    *,
    ahead: int = 0,
    gpu: bool = False,
    environment: Environment | None = None,
    preload: tuple[str, ...] | None = None,
    usual: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> Lane:
    """The lane for a policy on this machine.

    Parameters
    ----------
    policy
        whether student code must run in a jail: ``required``, ``preferred`` (if the machine supports it) or ``off``
    notebook
        the notebook to grade, or a similar one: its slow imports are preloaded
    ahead
        how many kernels to start before they are needed
    gpu
        whether the kernels may use this machine's GPUs; only for tests that need a GPU
    environment
        the sprint's own environment, as its release names it, if it has one
    preload
        what to preload; it overrides the notebook's imports, but not the environment's own list
    usual
        what the notebooks of this assignment import, as a rule; this is preloaded where it is enough
    variables
        environment variables to set in jailed kernels

    Raises
    ------
    BadInput
        when there is no such policy.
    PlatformFault
        when the sandbox is required but not available, or the environment is not built.
    """
    if policy not in POLICIES:
        raise BadInput(f"unknown sandbox policy '{policy}': it is one of {', '.join(POLICIES)}")
    python = environment.interpreter() if environment else None
    has_gpu = gpu and gpu_count() > 0
    ordinary = functools.partial(ordinary_kernel, python=python, gpu=gpu)
    if policy == "off":
        return Lane(ordinary, has_gpu, note="sandbox: off, the notebook could read what you can read")
    wanted = preload_of(environment) if environment else preload or _enough_for(notebook, usual, gpu)
    # testing the sandbox is the slowest step here, and this runs for each submission; a running jail proves it works
    lacking = None if warm.runs(wanted, gpu=gpu, python=python) else bubblewrap.missing()
    if lacking is None:
        jail = warm.shared(wanted, ahead=ahead, gpu=gpu, python=python)
        jail.warm_up_soon()
        return Lane(functools.partial(_in_jail, jail, variables), has_gpu, jailed=True, note="sandbox: on")
    if policy == "required":
        raise PlatformFault(f"the sandbox is required but not available: {lacking}; AUTOGRADER_SANDBOX=off is a choice")
    return Lane(ordinary, has_gpu, note=f"sandbox: none, the notebook could read what you can read; {lacking}")


def warm_soon(usual: tuple[str, ...], environment: Environment | None, cores: int) -> None:
    """Start the warm process that workers with so many cores each will borrow; see :func:`warm.lent_to_children`."""
    python = environment.interpreter() if environment else None
    warm.shared(preload_of(environment) if environment else usual, python=python, cores=cores).warm_up_soon()


def preload_of(environment: Environment) -> tuple[str, ...]:
    """What is preloaded in an environment of its own."""
    return (*ALWAYS, *environment.preload)


def _enough_for(notebook: NotebookNode | None, usual: tuple[str, ...], gpu: bool) -> tuple[str, ...]:
    own = preload_for(notebook)
    return warm.fitting(usual if set(own) <= set(usual) else own, gpu=gpu)


def _in_jail(jail: warm.WarmJail, variables: Mapping[str, str] | None, files: Path | None) -> Kernel:
    return jailed_kernel(files, jail, variables=variables)
