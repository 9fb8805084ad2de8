"""The host's side of the warm process: it is started once, asked for jails, and replaced when it has died."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from autograder.environments.interpreter import Interpreter
from autograder.errors import PlatformFault
from autograder.jail import bubblewrap
from autograder.jail.jail import Confined
from autograder.jail.room import CONNECTION_FILE, Room

_log = logging.getLogger(__name__)

WARM_S = 240
"""Wall-clock seconds the warm process may take to import everything, on a loaded machine with a cold disk."""
LAUNCH_S = 60
LOST_S = 0.1
ALWAYS = ("numpy", "msgpack")
PRELOAD = (
    "numpy", "msgpack", "torch", "torch._dynamo", "tensorflow", "keras", "matplotlib.pyplot", "sklearn.datasets",
    "flask", "tensorboard.backend.event_processing.event_accumulator",
)  # fmt: skip
"""What notebooks of the course import; :data:`ALWAYS` of it is needed by the agent.

torch's optimizers import ``torch._dynamo`` when the first is made, which takes a second.
"""
PRELOAD_VARIABLE = "AUTOGRADER_PRELOAD"
PROTECTIONS = frozenset(
    [
        "user", "processes", "ipc", "network", "private", "inodes", "rooms", "room", "capabilities",
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
sys.modules["autograder.jail.inside.zygote"].start(control.detach(), sent["preload"])
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
    """A sandbox with a warm process in it, from which jails are forked. Safe to use from several threads.

    Attributes
    ----------
    limits
        what each jail may use
    ahead
        how many kernels are made before they are needed
    rooms
        the folder of the kernels' rooms
    """

    def __init__(
        self,
        limits: JailLimits | None = None,
        preload: Collection[str] = PRELOAD,
        *,
        ahead: int = 0,
        gpu: bool = False,
        python: Interpreter | None = None,
    ) -> None:
        """``ahead``: how many kernels to make before they are needed, while a submission is being graded.

        ``python``: which Python its kernels run on; the one that runs this unless given.

        ``gpu``: whether its jails see this machine's GPUs. The warm process itself does not touch them: what has used
        CUDA cannot be forked.
        """
        self._gpu = gpu
        self._python = python
        self.limits = limits or JailLimits()
        self.ahead = ahead
        self._spares: list[tuple[Room, Confined]] = []
        self._background = ThreadPoolExecutor(1, thread_name_prefix="jail")
        self._closed = False
        self._started_at = 0.0
        self._preload = list(preload)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        # a short path: the address of a Unix socket has at most 107 bytes
        self._folder = Path(tempfile.mkdtemp(prefix="ag-", dir="/tmp"))
        self.rooms = self._folder / "rooms"
        self.rooms.mkdir()
        bubblewrap.prepare(self.rooms)

    def take(self, off: Collection[str] = ()) -> tuple[Room, Confined]:
        """A kernel that waits for a submission in a jail of its own: one made ahead, or a new one.

        ``off``: protections to leave out, for tests.

        Raises
        ------
        PlatformFault
            when there is no sandbox, or the kernel does not start.
        """
        with self._lock:
            spares = [] if off else self._spares
            room, confined = spares.pop() if spares else (None, None)
        if room is not None and confined is not None and not confined.alive():
            self._background.submit(_discard, room, confined)
            room = None
        if room is None or confined is None:
            room = Room(self.rooms)
            try:
                confined = self.fork(room, off)
            except BaseException:
                room.remove()
                raise
        if self.ahead and not off:
            self._background.submit(self._stock)
        return room, confined

    def give_back(self, room: Room, confined: Confined) -> None:
        """End a jail and remove its room, in the background."""
        confined.kill()
        try:
            self._background.submit(_discard, room, confined)
        except RuntimeError:  # the interpreter is ending
            _discard(room, confined)

    def _stock(self) -> None:
        """Have as many kernels wait as are to be made ahead."""
        while len(self._spares) < self.ahead and not self._closed:
            room = Room(self.rooms)
            try:
                confined = self.fork(room)
            except PlatformFault as error:  # whoever needs one will meet it too, and say so
                _log.info("no kernel was made ahead: %s", error)
                room.remove()
                return
            with self._lock:
                self._spares.append((room, confined))

    def settle(self) -> None:
        """Wait until nothing is left to do in the background."""
        self._background.submit(lambda: None).result()

    def fork(self, room: Room, off: Collection[str] = ()) -> Confined:
        """Fork a kernel into a jail of its own and wait until it has its sockets; it then waits to be admitted.

        Raises
        ------
        PlatformFault
            when there is no sandbox, or the kernel does not start.
        """
        assert PROTECTIONS.issuperset(off)
        request = {
            "room": room.folder.name,
            "connection_file": CONNECTION_FILE,
            "seed": 0,
            "limits": asdict(self.limits),
            "off": sorted(off),
            "shown": bubblewrap.covered(self._python),
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

    def has_lost(self, confined: Confined) -> bool:
        """Whether the warm process that a jail came from has died, and the jail with it."""
        process = self._process
        if process is None or confined.forked_at < self._started_at:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOST_S)  # the jail's end may be seen a moment before
            return True
        return False

    def warm_up_soon(self) -> None:
        """Start the warm process in the background; whoever needs it waits for it, and meets what goes wrong."""
        self._background.submit(self.warm_up)

    def warm_up(self) -> None:
        """Start the warm process now, if it does not run."""
        with self._lock:
            if not self.alive():
                self._stop()
                self._start()

    def _start(self) -> None:
        lacking = bubblewrap.missing()
        if lacking:
            raise PlatformFault(lacking)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = self._folder / "log"
        with theirs, log.open("wb") as said:
            command = bubblewrap.command(self.rooms, theirs.fileno(), _BOOTSTRAP, gpu=self._gpu, python=self._python)
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        self._control.settimeout(WARM_S)
        code: dict[str, Any] = json.loads(bubblewrap.sources()) | {"preload": self._preload}
        try:
            self._control.sendall(json.dumps(code).encode())
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
        self._closed = True
        self._background.shutdown()
        with self._lock:
            for room, confined in self._spares:
                _discard(room, confined)
            self._spares.clear()
            self._stop()
            shutil.rmtree(self._folder, ignore_errors=True)


def _discard(room: Room, confined: Confined) -> None:
    confined.finish()
    room.remove()


_shared: dict[tuple[int, tuple[str, ...], bool, Interpreter | None], WarmJail] = {}
_shared_lock = threading.Lock()


def shared(
    preload: tuple[str, ...] = PRELOAD, *, ahead: int = 0, gpu: bool = False, python: Interpreter | None = None
) -> WarmJail:
    """The warm jail of this process that has imported these modules; ended with the process.

    A forked child gets its own. ``ahead`` counts at the first call. With ``gpu`` its jails see this machine's GPUs.
    ``python``: which Python they run on; the one that runs this unless given.
    """
    key = os.getpid(), preload, gpu, python
    with _shared_lock:
        if key not in _shared:
            _shared[key] = jail = WarmJail(preload=preload, ahead=ahead, gpu=gpu, python=python)
            Finalize(None, jail.close, exitpriority=0)  # in a process that another one forked, atexit does nothing
        return _shared[key]


def runs(preload: tuple[str, ...], *, gpu: bool = False, python: Interpreter | None = None) -> bool:
    """Whether the warm process of such a jail of this process runs now; if so, there is a sandbox."""
    jail = _shared.get((os.getpid(), preload, gpu, python))
    return jail is not None and jail.alive()


def default_preload() -> tuple[str, ...]:
    """Where nobody knows what notebooks import: everything, or what ``AUTOGRADER_PRELOAD`` lists between commas."""
    listed = os.environ.get(PRELOAD_VARIABLE)
    if listed is None:
        return PRELOAD
    return tuple(dict.fromkeys([*ALWAYS, *filter(None, map(str.strip, listed.split(",")))]))
