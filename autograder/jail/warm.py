"""Jails from a warm process: some made ahead, one for each submission, and this process's shared ones."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict
from multiprocessing.util import Finalize
from pathlib import Path

from autograder.environments.interpreter import Interpreter
from autograder.errors import PlatformFault
from autograder.jail import bubblewrap, lending
from autograder.jail.jail import Confined
from autograder.jail.limits import PROTECTIONS, JailLimits
from autograder.jail.preload import PRELOAD
from autograder.jail.room import CONNECTION_FILE, Room
from autograder.jail.warm_process import Settings, Warm, WarmProcess

_log = logging.getLogger(__name__)

LAUNCH_S = 60
KINDS = 2
"""How many warm processes a process shares whose modules are those of some notebook."""


class WarmJail:
    """A warm process that forks jails, and a few jails made ahead. Safe to use from several threads.

    Attributes
    ----------
    limits
        what each jail may use
    ahead
        how many kernels to start before they are needed
    warm
        the warm process
    """

    def __init__(
        self,
        limits: JailLimits | None = None,
        preload: Collection[str] = PRELOAD,
        *,
        ahead: int = 0,
        gpu: bool = False,
        python: Interpreter | None = None,
        warm: Warm | None = None,
    ) -> None:
        """``ahead``: how many kernels to start before they are needed, while a submission is being graded.

        ``python``: the Python that its kernels run on, by default the one that runs this code.

        ``gpu``: whether its jails see this machine's GPUs.

        ``warm``: the warm process, by default a new one that is this jail's own.
        """
        self._gpu = gpu
        self._python = python
        self.limits = limits or JailLimits()
        self.ahead = ahead
        self.warm = warm or WarmProcess(Settings(tuple(preload), gpu, python, len(os.sched_getaffinity(0))))
        self._spares: list[tuple[Room, Confined]] = []
        self._background = ThreadPoolExecutor(1, thread_name_prefix="jail")
        self._closed = False
        self._lock = threading.Lock()

    @property
    def rooms(self) -> Path:
        """The folder of the kernels' rooms."""
        return self.warm.rooms

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
            "cores": sorted(os.sched_getaffinity(0)),
        }
        for attempt in range(2):
            line = self.warm.ask(json.dumps(request).encode())
            try:
                return Confined.answered(line, LAUNCH_S)
            except PlatformFault:
                line.close()
                raise
            except EOFError:
                line.close()
                if attempt or self.warm.alive():
                    raise PlatformFault("a jail ended before it had begun") from None
        raise AssertionError("unreachable")

    def alive(self) -> bool:
        """Whether the warm process is running."""
        return self.warm.alive()

    def has_lost(self, confined: Confined) -> bool:
        """Whether a jail died because the warm process that forked it died."""
        return self.warm.ended_since(confined.forked_at)

    def warm_up_soon(self) -> None:
        """Start the warm process in the background. If that fails, the next call that needs it gets the error."""
        self._background.submit(self.warm_up)

    def warm_up(self) -> None:
        """Start the warm process now, unless it is running."""
        self.warm.warm_up()

    def close(self) -> None:
        """End every jail, and the warm process if it is this process's own. May be called twice."""
        self._closed = True
        self._background.shutdown()
        with self._lock:
            for room, confined in self._spares:
                _discard(room, confined)
            self._spares.clear()
        self.warm.close()


def _discard(room: Room, confined: Confined) -> None:
    confined.finish()
    room.remove()


_shared: dict[tuple[int, Settings], WarmJail] = {}
_shared_lock = threading.Lock()


def shared(
    preload: tuple[str, ...] = PRELOAD,
    *,
    ahead: int = 0,
    gpu: bool = False,
    python: Interpreter | None = None,
    cores: int | None = None,
) -> WarmJail:
    """This process's shared warm jail that has imported these modules. It ends with the process.

    A forked child gets its own. The warm process is another process's where one lends
    (:mod:`autograder.jail.lending`). ``ahead`` has an effect only on the first call. With ``gpu``, the jails see this
    machine's GPUs. ``python``: the Python they run on, by default the one that runs this code. ``cores``: how many
    cores a jail will have, by default as many as this process.
    """
    return _shared_with(Settings(preload, gpu, python, cores or len(os.sched_getaffinity(0))), ahead)


def fitting(preload: tuple[str, ...], *, gpu: bool = False, python: Interpreter | None = None) -> tuple[str, ...]:
    """The modules of a shared jail of this process that is enough for these; else these, or all of :data:`PRELOAD`.

    What a notebook imports is its author's choice. There are at most :data:`KINDS` warm processes and one with
    everything, whatever many notebooks import.
    """
    there = [
        known.preload for owner, known in _shared if owner == os.getpid() and (known.gpu, known.python) == (gpu, python)
    ]
    enough = [known for known in there if set(preload) <= set(known)]
    if enough:
        return min(enough, key=len)
    return PRELOAD if len(there) >= KINDS else preload


def runs(preload: tuple[str, ...], *, gpu: bool = False, python: Interpreter | None = None) -> bool:
    """Whether this process's shared warm jail with these settings is running. If it is, the sandbox works."""
    if not hasattr(os, "sched_getaffinity"):
        return False
    jail = _shared.get((os.getpid(), Settings(preload, gpu, python, len(os.sched_getaffinity(0)))))
    return jail is not None and jail.alive()


def lent_to_children() -> AbstractContextManager[None]:
    """In the block, the processes that this one starts share its warm processes."""
    return lending.lending(_own)


def _shared_with(settings: Settings, ahead: int = 0) -> WarmJail:
    key = os.getpid(), settings
    with _shared_lock:
        if key not in _shared:
            jail = WarmJail(ahead=ahead, gpu=settings.gpu, python=settings.python, warm=_warm(settings))
            Finalize(None, jail.close, exitpriority=0)  # atexit would not run in a process that multiprocessing forked
            _shared[key] = jail
        return _shared[key]


def _warm(settings: Settings) -> Warm:
    """A lender's warm process if there is a lender, or else a new one."""
    address = lending.lender()
    if address is not None:
        with contextlib.suppress(OSError):  # it has just ended
            return lending.Borrowed(settings, address)
    return WarmProcess(settings)


def _own(settings: Settings) -> WarmProcess:
    warm = _shared_with(settings).warm
    assert isinstance(warm, WarmProcess)
    return warm
