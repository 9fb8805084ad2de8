"""Python command lines in processes forked from one that has imported nbgrader and this platform, once for all tests.

A command line that uses nbgrader spends most of its time with imports. The forked process has its own environment,
working directory, output and end, as a command line has; only the imports are those of the process it came from.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Mapping
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import msgpack
import nbgrader.api

from tests.support.paths import ROOT

SERVER = "from tests.support.forked import serve; serve()"
IMPORTED = (
    "autograder.bridge.config", "autograder.bridge.feedback", "autograder.bridge.gradebook_rows", "autograder.cli",
    "autograder.classroom.batch", "autograder.classroom.report.make", "distributed", "nbconvert.exporters.html",
    "nbgrader.api", "nbgrader.apps", "nbgrader.converters.generate_feedback", "pygments.lexers.python",
)  # fmt: skip
"""What most commands import. The formgrader is not among it: the platform sees by it that it is in a server."""
MOST = 1 << 20
"""Bytes of a request."""


class ForkServer:
    """A process that has imported what commands need, and forks one for each command line."""

    def __init__(self) -> None:
        self.path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SERVER, str(theirs.fileno())],
                cwd=ROOT, env=os.environ | {"PYTHONPATH": self.path}, stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def run(self, arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str], timeout: float) -> tuple[int, str]:
        """Run Python with these arguments, ``-m module …`` or ``-c source …``; its exit code and all its output.

        Raises
        ------
        subprocess.TimeoutExpired
            when it, or a process of its own that has its output, runs for longer than ``timeout`` seconds
        """
        reads, writes = os.pipe()
        request = msgpack.packb([list(arguments), str(cwd), dict(env)])
        assert len(request) < MOST
        socket.send_fds(self._line, [request], [writes])
        os.close(writes)
        pid = int(self._line.recv(64))
        with open(reads, "rb", buffering=0) as pipe:
            try:
                said = b"".join(_chunks(pipe.fileno(), time.monotonic() + timeout))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._line.recv(64)
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        return int(self._line.recv(64)), said.decode().replace("\r\n", "\n")

    def close(self) -> None:
        """End it."""
        self._line.close()
        self._process.wait()


def _chunks(pipe: int, end: float) -> Any:
    """What comes out of a pipe until nobody can write into it."""
    while True:
        if not select.select([pipe], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return
        yield chunk


def remember_version() -> None:
    """Have nbgrader ask once in this process which version its tables have, which it asks for each new gradebook.

    It starts a process for that, which takes a second.
    """
    nbgrader.api.get_alembic_version = functools.cache(nbgrader.api.get_alembic_version)


_servers: dict[int, ForkServer] = {}


def forked(arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str], timeout: float) -> tuple[int, str]:
    """Run a command line in this process's fork server: see :meth:`ForkServer.run`."""
    if os.getpid() not in _servers:
        _servers[os.getpid()] = server = ForkServer()
        Finalize(None, server.close, exitpriority=0)
    return _servers[os.getpid()].run(arguments, cwd, env, timeout)


def serve() -> None:
    """Fork a process for each request. Returns in the forked process, at the end of its command line."""
    line = socket.socket(fileno=int(sys.argv[1]))
    for name in IMPORTED:
        importlib.import_module(name)
    remember_version()
    nbgrader.api.get_alembic_version()
    gc.freeze()  # else every forked process would search what it has inherited for garbage, at its end for one
    while True:
        request, descriptors, _, _ = socket.recv_fds(line, MOST, 1)
        if not request:
            os._exit(0)
        pid = os.fork()
        if not pid:
            line.close()
            return _become(descriptors[0], *msgpack.unpackb(request))
        os.close(descriptors[0])
        line.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(OSError):  # nobody waits for it any more
            line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(output: int, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    """Be the process of a command line until it ends."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    tempfile.tempdir = None
    kind, what, *rest = arguments
    if kind == "-m":
        sys.path[0], sys.argv = cwd, ["-m", *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    if kind != "-c":  # a script
        sys.path[0], sys.argv = str(Path(kind).parent), list(arguments)
        runpy.run_path(kind, run_name="__main__")
        return
    sys.argv = ["-c", *rest]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(what, "<string>", "exec"), main.__dict__)  # noqa: S102
