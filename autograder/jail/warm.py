"""The host's side of the warm process: it is started once, asked for jails, and replaced when it has died."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.errors import PlatformFault
from autograder.jail import sandbox
from autograder.jail.confined import Confined

WARM_S = 240
"""Wall-clock seconds the warm process may take to import everything, on a loaded machine with a cold disk."""
LAUNCH_S = 60
PRELOAD = ("numpy", "torch", "tensorflow", "keras", "msgpack", "matplotlib.pyplot", "sklearn")
PROTECTIONS = frozenset(
    [
        "user", "processes", "network", "private", "rooms", "room", "capabilities",
        "memory_limit", "cpu_limit", "processes_limit", "open_files_limit", "file_size_limit", "core_limit",
    ]
)  # fmt: skip
"""What a jail does against its inmate. A test may switch each off, to show that it is what stops an attack."""

_BOOTSTRAP = """
import json, socket, sys, types
control = socket.socket(fileno=int(sys.argv[1]))
sent = json.loads(control.recv(1 << 20))
for name, source in sent["sources"].items():
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = []
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    exec(compile(source, sent["prefix"] + " " + name + ">", "exec"), module.__dict__)
sys.modules["autograder.jail.zygote"].start(control.detach(), sent["preload"])
"""


@dataclass(frozen=True)
class JailLimits:
    """What one jail may use, in bytes, seconds and numbers; ``files``, ``depth`` and ``back``: what it may bring back.

    ``memory`` is what it takes beyond the warm process's; the three file systems in memory are bounded beside it.
    """

    memory: int = 3 << 30
    tmp: int = 256 << 20
    home: int = 512 << 20
    shm: int = 256 << 20
    inodes: int = 20_000
    processes: int = 512
    open_files: int = 1024
    file_size: int = 256 << 20
    cpu_s: int = 1800
    files: int = 200
    depth: int = 8
    back: int = 64 << 20


class WarmJail:
    """A sandbox with a warm process in it, from which jails are forked. Safe to use from several threads."""

    def __init__(self, limits: JailLimits | None = None, preload: Collection[str] = PRELOAD) -> None:
        self.limits = limits or JailLimits()
        self._preload = list(preload)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        # a short path: the address of a Unix socket has at most 107 bytes
        self._folder = Path(tempfile.mkdtemp(prefix="ag-", dir="/tmp"))
        self._rooms = self._folder / "rooms"
        self._rooms.mkdir()
        sandbox.prepare(self._rooms)

    def new_room(self) -> Path:
        """A folder for one kernel: ``sockets``, which it sees, ``files``, which it gets, ``out`` for what it wrote."""
        room = self._rooms / secrets.token_hex(4)
        for name in ("sockets", "files", "out"):
            (room / name).mkdir(parents=True)
        return room

    def launch(
        self, room: Path, connection_file: str, agent: str | None = None, *, seed: int = 0, off: Collection[str] = ()
    ) -> Confined:
        """Fork a kernel into a jail of its own and wait until its sockets are there.

        ``connection_file`` and ``agent``, the address of a listening socket, are paths as the jail sees them. ``off``:
        protections to leave out, for tests.

        Raises
        ------
        PlatformFault
            when there is no sandbox, or the kernel does not start.
        """
        assert PROTECTIONS.issuperset(off)
        request = {
            "room": room.name,
            "connection_file": connection_file,
            "agent": agent,
            "seed": seed,
            "limits": asdict(self.limits),
            "off": sorted(off),
            "shown": sandbox.covered(),
        }
        for attempt in range(2):
            line = self._ask(json.dumps(request).encode())
            try:
                return Confined.answered(line, LAUNCH_S)
            except PlatformFault:
                line.close()
                raise
            except EOFError:
                line.close()
                if attempt or self.alive():
                    raise PlatformFault("a jail ended before it had begun") from None
        raise AssertionError("unreachable")

    def _ask(self, request: bytes) -> socket.socket:
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with self._lock, theirs:
            try:
                self._send(request, theirs)
            except OSError:  # the warm process has died since
                self._stop()
                self._send(request, theirs)
            except PlatformFault:
                line.close()
                raise
        return line

    def _send(self, request: bytes, line: socket.socket) -> None:
        if not self.alive():
            self._stop()
            self._start()
        assert self._control is not None
        socket.send_fds(self._control, [request], [line.fileno()])

    def alive(self) -> bool:
        """Whether the warm process runs."""
        return self._process is not None and self._process.poll() is None

    def warm_up(self) -> None:
        """Start the warm process now, if it does not run."""
        with self._lock:
            if not self.alive():
                self._stop()
                self._start()

    def _start(self) -> None:
        lacking = sandbox.missing()
        if lacking:
            raise PlatformFault(lacking)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = self._folder / "log"
        with theirs, log.open("wb") as said:
            command = sandbox.command(self._rooms, theirs.fileno(), _BOOTSTRAP)
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        self._control.settimeout(WARM_S)
        code: dict[str, Any] = json.loads(sandbox.sources()) | {"preload": self._preload}
        try:
            self._control.sendall(json.dumps(code).encode())
            warm = self._control.recv(1 << 16)
        except OSError:
            warm = b""
        if not warm:
            self._stop()
            text = log.read_text(errors="replace")[-2000:]
            raise PlatformFault(f"the warm process did not start:\n{text}")

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()  # at which everything in the sandbox ends
            self._control = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the warm process and every jail, and remove their folder. May be called twice."""
        with self._lock:
            self._stop()
            shutil.rmtree(self._folder, ignore_errors=True)


_shared: tuple[int, WarmJail] | None = None
_shared_lock = threading.Lock()


def shared() -> WarmJail:
    """The warm jail of this process, ended with it; a forked child gets its own."""
    global _shared
    with _shared_lock:
        if _shared is None or _shared[0] != os.getpid():
            jail = WarmJail()
            _shared = (os.getpid(), jail)
            atexit.register(_close, os.getpid(), jail)
        return _shared[1]


def _close(owner: int, jail: WarmJail) -> None:
    if os.getpid() == owner:
        jail.close()
