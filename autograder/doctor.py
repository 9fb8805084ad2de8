"""What this machine has for grading: the sandbox, user namespaces, kernels, packages, GPUs, the database."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.bridge.course_settings import course_settings
from autograder.course.sprint import is_course, project_root
from autograder.environments import environments, overview
from autograder.errors import BadInput
from autograder.jail import bubblewrap

FRAMEWORKS = (
    "ai_edge_litert", "fastapi", "flask", "jupyterlab", "matplotlib", "sklearn", "tensorboard", "tensorflow", "torch",
    "uvicorn",
)  # fmt: skip
"""What the extra ``course`` installs, by the names that notebooks import."""


@dataclass(frozen=True)
class Finding:
    """The result of one check: what is there, or what is missing and how to get it."""

    name: str
    ok: bool
    text: str
    needed: bool = True


def examine() -> list[Finding]:
    """Check everything, in the order in which to fix problems."""
    checks: list[Callable[[], Finding]] = [
        _namespaces,
        _sandbox,
        _kernels,
        _frameworks,
        _environments,
        _gpus,
        _database,
    ]
    return [check() for check in checks]


def show(findings: list[Finding]) -> None:
    """Print one line per finding."""
    for finding in findings:
        mark = "ok     " if finding.ok else "MISSING" if finding.needed else "none   "
        print(f"{mark} {finding.name}: {finding.text}")


def _namespaces() -> Finding:
    if sys.platform != "linux":
        return Finding("user namespaces", False, "this is not Linux; use a Linux container or virtual machine")
    path = Path("/proc/sys/user/max_user_namespaces")
    number = int(path.read_text()) if path.exists() else 0
    if number:
        return Finding("user namespaces", True, f"up to {number}")
    return Finding("user namespaces", False, "switched off: as root, 'sysctl -w user.max_user_namespaces=15000'")


def _sandbox() -> Finding:
    lacking = bubblewrap.missing()
    return Finding("sandbox", lacking is None, lacking or f"bubblewrap at {bubblewrap.bwrap()}")


def _kernels() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernels", False, f"no kernel python3: '{sys.executable} -m ipykernel install --sys-prefix'")
    return Finding("kernels", True, f"{spec.display_name} at {spec.resource_dir}")


def _frameworks() -> Finding:
    """Only sprints that import them need them; a course of one's own may need others."""
    absent = [name for name in FRAMEWORKS if importlib.util.find_spec(name) is None]
    text = f"not installed: {', '.join(absent)}; sprints that import them need the extra [course] ('make')"
    return Finding("frameworks", not absent, text if absent else ", ".join(FRAMEWORKS), needed=False)


def _environments() -> Finding:
    """The environments; not needed in general, only by sprints that name one."""
    said = overview()[: len(environments())]
    return Finding("environments", all(": built, " in line for line in said), "; ".join(said) or "none", needed=False)


def _gpus() -> Finding:
    """The GPUs that the driver lists; without one, tests that need a GPU stay pending."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        text = "no NVIDIA driver answers: tests that need a GPU stay pending; grade those on a machine with one"
        return Finding("GPUs", False, text, needed=False)
    names = [line.partition(" (UUID")[0] for line in listed.splitlines() if line.startswith("GPU")]
    return Finding("GPUs", bool(names), ", ".join(names) or "the driver lists none", needed=False)


def _database() -> Finding:
    """Whether the gradebook can be opened or, if there is none yet, its folder is writable."""
    root = project_root()
    if not is_course(root):
        text = "there is no course here: go to its folder, with nbgrader_config.py and source/, or set AUTOGRADER_ROOT"
        return Finding("database", False, text, needed=False)
    try:
        given = os.environ.get("NBGRADER_DB_URL") or course_settings(root).db_url
    except BadInput as error:
        return Finding("database", False, str(error))
    file = Path(given.removeprefix("sqlite:///"))
    if file.exists() or not given.startswith("sqlite:///"):
        return _opened(given)
    folder = next(path for path in file.parents if path.exists())
    if os.access(folder, os.W_OK):
        return Finding("database", True, f"{file} will be made when it is first needed")
    return Finding("database", False, f"{folder} cannot be written to: give yourself the right, or set COURSE_DATA")


def _opened(url: str) -> Finding:
    """Whether the gradebook can be read; a password in its URL is not shown."""
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        shown = make_url(url).render_as_string(hide_password=True).removeprefix("sqlite:///")
    except ArgumentError:
        return Finding("database", False, "NBGRADER_DB_URL is no SQLAlchemy URL: correct it, or unset it")
    try:
        tables = len(inspect(create_engine(url)).get_table_names())
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        return Finding("database", False, f"{shown} has no driver here ({error}): install it")
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        remedy = "restore it from a backup" if url.startswith("sqlite") else "start the server, or check the address"
        return Finding("database", False, f"{shown} cannot be read ({said}): {remedy}")
    return Finding("database", True, f"{shown}, {tables} tables")
