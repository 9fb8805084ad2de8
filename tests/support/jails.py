"""A warm process with little in it and small limits, and code run in jails forked from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.grading import probe
from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail import bubblewrap
from autograder.jail.jailed_kernel import JailedKernel, jailed_kernel
from autograder.jail.kernel import Kernel
from autograder.jail.limits import JailLimits
from autograder.jail.warm import WarmJail
from autograder.jail.warm_process import WarmProcess
from tests.support.conditions import HOUR
from tests.support.paths import ROOT

SMALL = JailLimits(
    memory=512 << 20,
    tmp=32 << 20,
    home=32 << 20,
    shm=32 << 20,
    processes=150,
    open_files=128,
    file_size=8 << 20,
    files=20,
    back=1 << 20,
)
needs_sandbox = pytest.mark.skipif(bubblewrap.missing() is not None, reason=str(bubblewrap.missing()))


@contextmanager
def small_jail() -> Iterator[WarmJail]:
    """A warm process that has imported numpy only."""
    jail = WarmJail(SMALL, preload=["numpy", "msgpack"])
    try:
        yield jail
    finally:
        jail.close()


def owned(jail: WarmJail) -> WarmProcess:
    """A jail's warm process, which must be this process's own."""
    assert isinstance(jail.warm, WarmProcess)
    return jail.warm


@contextmanager
def jailed(jail: WarmJail, off: Collection[str] = (), files: Path | None = None) -> Iterator[JailedKernel]:
    """A kernel from it."""
    kernel = jailed_kernel(files, jail, off)
    try:
        yield kernel
    finally:
        kernel.kill()
        jail.settle()


@probe
def run_source(source):  # type: ignore[no-untyped-def]
    known = {"__name__": "attack"}
    exec(source, known)  # noqa: S102
    return known.get("result")


def run(kernel: Kernel, source: str, wall_s: float = 30) -> object:
    """Execute source in a kernel and return what it left in ``result``."""
    session = Session(kernel, Allowance(HOUR))
    session.begin_test(Limit(20, wall_s), seed=0)
    try:
        return Student(session).run(run_source, source)
    finally:
        session.channel.close()


def as_ordinary_user(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as nobody. A Python under root's home is shown to it by a mount namespace of root's."""
    with tempfile.TemporaryDirectory(prefix="nobody-", dir="/tmp") as home:
        os.chmod(home, 0o777)
        return _as_nobody(command, home)


def _as_nobody(command: list[str], home: str) -> subprocess.CompletedProcess[str]:
    drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all"]
    drop += [
        "--inh-caps=-all",
        "env",
        f"HOME={home}",
        f"PYTHONPATH={ROOT}",
        f"TMPDIR={home}",
        "PYTHONDONTWRITEBYTECODE=1",
    ]
    program = bubblewrap.bwrap()
    assert program is not None
    show = [program, "--dev-bind", "/", "/", "--tmpfs", "/root", "--cap-add", "ALL"]
    for path in (sys.base_prefix, sys.prefix, str(ROOT)):
        for parent in reversed(Path(path).parents):
            show += ["--perms", "0755", "--dir", str(parent)]
        show += ["--bind", path, path]
    return subprocess.run(
        [*show, "--", *drop, *command], capture_output=True, text=True, cwd=ROOT, timeout=1800, check=False
    )


def can_become_ordinary() -> bool:
    """Whether this process is root and has the tool to stop being it."""
    return os.getuid() == 0 and shutil.which("setpriv") is not None
