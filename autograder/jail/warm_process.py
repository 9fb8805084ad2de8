"""The warm process, seen from the host: started when it is needed, replaced if it dies, asked for jails over a socket.

The socket takes whole messages with descriptors, and each answer comes on a socket that came with the question. So
several processes can hold a copy of it and ask at the same time: see :mod:`autograder.jail.lending`.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder import temporary
from autograder.environments.interpreter import Interpreter
from autograder.errors import PlatformFault
from autograder.jail import bubblewrap, loader
from autograder.jail.inside.tracebacks import FILE_PREFIX

WARM_S = 240
"""Wall-clock seconds the warm process may take to import everything; enough for a busy machine with a cold disk."""
LOST_S = 0.1
_STOP_S = 5
_BOOTSTRAP = (
    loader.LOAD
    + """
import json, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
sent = json.loads(control.recv(1 << 20))
load(sent["sources"], sent["prefix"])
sys.modules["autograder.jail.inside.zygote"].start(control.detach(), sent["preload"], sent["threads"])
"""
)


@dataclass(frozen=True)
class Settings:
    """What one warm process has that another may not have.

    Attributes
    ----------
    preload
        the modules that it imports
    gpu
        whether its jails see this machine's GPUs. It does not use them itself, because a process that has used CUDA
        cannot be forked.
    python
        the Python that its kernels run on; None means the one that runs this code
    threads
        for how many cores the libraries that it imports shall prepare: they count when they are imported
    """

    preload: tuple[str, ...]
    gpu: bool = False
    python: Interpreter | None = None
    threads: int = 1

    def to_json(self) -> dict[str, Any]:
        """What :meth:`from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Settings:
        """The settings that another process has sent."""
        python = said["python"] and Interpreter(**said["python"])
        return cls(tuple(said["preload"]), said["gpu"], python, said["threads"])


class Warm(ABC):
    """A warm process: this process's own, or one that another process lends. Safe to use from several threads."""

    rooms: Path
    """The folder of the kernels' rooms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._started_at = 0.0

    def ask(self, request: bytes) -> socket.socket:
        """Send a request for a jail, starting the process if need be; the socket on which its init answers.

        Raises
        ------
        PlatformFault
            when there is no sandbox, the process does not start, or who lends it is gone.
        """
        with self._lock:
            for _ in range(2):
                self._start_unless_alive()
                assert self._control is not None
                with contextlib.suppress(OSError):  # it has just died
                    return _asked(self._control, request)
                self._stop()
        raise PlatformFault("the warm process died twice")

    def warm_up(self) -> None:
        """Start the process now, unless it is running; it raises what :meth:`ask` does."""
        with self._lock:
            self._start_unless_alive()

    def close(self) -> None:
        """End it, or give it back. May be called twice."""
        with self._lock:
            self._stop()

    @abstractmethod
    def alive(self) -> bool:
        """Whether it is running."""

    @abstractmethod
    def ended_since(self, moment: float) -> bool:
        """Whether the process that ran at a moment, by :func:`time.monotonic`, has ended."""

    def _start_unless_alive(self) -> None:
        if not self.alive():
            self._stop()
            self._start()

    @abstractmethod
    def _start(self) -> None:
        """Start or borrow it."""

    @abstractmethod
    def _stop(self) -> None:
        """End it or give it back, if it is there."""


class WarmProcess(Warm):
    """A sandbox with a warm process in it, which ends with this process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        # a short path: the address of a Unix socket has at most 107 bytes
        self._folder = temporary.short_folder()
        self.rooms = self._folder / "rooms"
        self.rooms.mkdir()
        bubblewrap.prepare(self.rooms)

    def lend(self) -> tuple[float, list[int]]:
        """When it was started, its socket, and its pidfd, which the caller closes; it is started if need be."""
        with self._lock:
            self._start_unless_alive()
            assert self._control is not None
            assert self._process is not None
            return self._started_at, [os.dup(self._control.fileno()), os.pidfd_open(self._process.pid)]

    def alive(self) -> bool:
        """See :class:`Warm`."""
        return self._process is not None and self._process.poll() is None

    def ended_since(self, moment: float) -> bool:
        """See :class:`Warm`."""
        process = self._process
        if process is None or moment < self._started_at:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOST_S)  # the end of a jail may be visible a moment before that of the warm process
            return True
        return False

    def close(self) -> None:
        """See :class:`Warm`. Its folder is removed."""
        super().close()
        temporary.remove(self._folder)

    def _start(self) -> None:
        lacking = bubblewrap.missing()
        if lacking:
            raise PlatformFault(lacking)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log, wanted = self._folder / "log", self._settings
        with theirs, log.open("wb") as said:
            command = bubblewrap.command(self.rooms, theirs.fileno(), _BOOTSTRAP, gpu=wanted.gpu, python=wanted.python)
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        self._control.settimeout(WARM_S)
        code = {"sources": loader.sources(loader.JAIL), "prefix": FILE_PREFIX}
        try:
            self._control.sendall(json.dumps(code | {"preload": wanted.preload, "threads": wanted.threads}).encode())
            warm = self._control.recv(1 << 16)
        except OSError:
            warm = b""
        self._started_at = time.monotonic()
        if not warm:
            self._stop()
            text = log.read_text(errors="replace")[-2000:]
            raise PlatformFault(f"the warm process did not start:\n{text}")

    def _stop(self) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):  # it may have died
                self._control.shutdown(socket.SHUT_RDWR)  # others may have copies of the socket
            self._control.close()  # this ends everything in the sandbox
            self._control = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            self._process.kill()
            self._process.wait()
            self._process = None


def _asked(control: socket.socket, request: bytes) -> socket.socket:
    """Send a request for a jail; the socket on which its init answers.

    Raises
    ------
    OSError
        when the warm process is gone.
    """
    line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            socket.send_fds(control, [request], [theirs.fileno()])
        except BaseException:
            line.close()
            raise
    return line
