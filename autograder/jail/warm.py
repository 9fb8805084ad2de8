"""The host's side of the warm process: starts it once, asks it for jails, and replaces it if it dies."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.util import Finalize

from autograder import temporary
from autograder.environments.interpreter import Interpreter
from autograder.errors import PlatformFault
from autograder.jail import bubblewrap, loader
from autograder.jail.inside.tracebacks import FILE_PREFIX
from autograder.jail.jail import Confined
from autograder.jail.limits import PROTECTIONS, JailLimits
from autograder.jail.preload import PRELOAD
from autograder.jail.room import CONNECTION_FILE, Room

_log = logging.getLogger(__name__)

WARM_S = 240
"""Wall-clock seconds the warm process may take to import everything; enough for a busy machine with a cold disk."""
LAUNCH_S = 60
LOST_S = 0.1

_BOOTSTRAP = (
    loader.LOAD
    + """
import json, socket, sys
control = socket.socket(fileno=int(sys.argv[1]))
sent = json.loads(control.recv(1 << 20))
load(sent["sources"], sent["prefix"])
sys.modules["autograder.jail.inside.zygote"].start(control.detach(), sent["preload"])
"""
)


class WarmJail:
    """A sandbox with a warm process that forks jails. Safe to use from several threads.

    Attributes
    ----------
    limits
        what each jail may use
    ahead
        how many kernels to start before they are needed
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
        """``ahead``: how many kernels to start before they are needed, while a submission is being graded.

        ``python``: the Python that its kernels run on, by default the one that runs this code.

        ``gpu``: whether its jails see this machine's GPUs. The warm process itself does not use them, because a process
        that has used CUDA cannot be forked.
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
        self._folder = temporary.short_folder()
        self.rooms = self._folder / "rooms"
        self.rooms.mkdir()
        bubblewrap.prepare(self.rooms)

    def take(self, off: Collection[str] = ()) -> tuple[Room, Confined]:
        """A kernel that waits for a submission in its own jail: one started ahead, or a new one.

        ``off``: protections to switch off, for tests.

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
        """Start kernels until :attr:`ahead` of them are waiting."""
        while len(self._spares) < self.ahead and not self._closed:
            room = Room(self.rooms)
            try:
                confined = self.fork(room)
            except PlatformFault as error:  # the next caller of take() gets the same error and reports it
                _log.info("no kernel was made ahead: %s", error)
                room.remove()
                return
            with self._lock:
                self._spares.append((room, confined))

    def settle(self) -> None:
        """Wait until all background work is done."""
        self._background.submit(lambda: None).result()

    def fork(self, room: Room, off: Collection[str] = ()) -> Confined:
        """Fork a kernel into its own jail and wait until it has its sockets. The kernel then waits to be admitted.

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
            "gpu": self._gpu,
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
            except OSError:  # the warm process has just died
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
        """Whether the warm process is running."""
        return self._process is not None and self._process.poll() is None

    def has_lost(self, confined: Confined) -> bool:
        """Whether a jail died because the warm process that forked it died."""
        process = self._process
        if process is None or confined.forked_at < self._started_at:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOST_S)  # the end of the jail may be visible a moment before that of the warm process
            return True
        return False

    def warm_up_soon(self) -> None:
        """Start the warm process in the background. If that fails, the next call that needs it gets the error."""
        self._background.submit(self.warm_up)

    def warm_up(self) -> None:
        """Start the warm process now, unless it is running."""
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
        sources = loader.sources(loader.JAIL)
        code = json.dumps({"sources": sources, "prefix": FILE_PREFIX, "preload": self._preload})
        try:
            self._control.sendall(code.encode())
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
            self._control.close()  # this ends everything in the sandbox
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
            temporary.remove(self._folder)


def _discard(room: Room, confined: Confined) -> None:
    confined.finish()
    room.remove()


_shared: dict[tuple[int, tuple[str, ...], bool, Interpreter | None], WarmJail] = {}
_shared_lock = threading.Lock()


def shared(
    preload: tuple[str, ...] = PRELOAD, *, ahead: int = 0, gpu: bool = False, python: Interpreter | None = None
) -> WarmJail:
    """This process's shared warm jail that has imported these modules. It ends with the process.

    A forked child gets its own. ``ahead`` has an effect only on the first call. With ``gpu``, the jails see this
    machine's GPUs. ``python``: the Python they run on, by default the one that runs this code.
    """
    key = os.getpid(), preload, gpu, python
    with _shared_lock:
        if key not in _shared:
            _shared[key] = jail = WarmJail(preload=preload, ahead=ahead, gpu=gpu, python=python)
            Finalize(None, jail.close, exitpriority=0)  # atexit would not run in a process that multiprocessing forked
        return _shared[key]


def runs(preload: tuple[str, ...], *, gpu: bool = False, python: Interpreter | None = None) -> bool:
    """Whether this process's shared warm jail with these settings is running. If it is, the sandbox works."""
    jail = _shared.get((os.getpid(), preload, gpu, python))
    return jail is not None and jail.alive()
