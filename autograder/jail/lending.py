"""One warm process for all processes that a command starts: it lends them its own.

A warm process with the frameworks takes seconds of CPU and hundreds of megabytes. The workers of a class would each
start the same one. Instead the command that starts them listens on a Unix socket in a folder that only its user can
enter, and its environment says where. Who needs a warm process asks there, in JSON, and gets a copy of the socket on
which the warm process takes requests. From then on it asks the warm process itself.

Each jail is still the jail of the process that asked for it, and ends with that process. The warm process ends with its
owner, and is replaced by its owner.

A process with another Python, or other code for the jail, does not borrow: its jails would run what is not its own.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder import temporary
from autograder.errors import PlatformFault
from autograder.jail import loader
from autograder.jail.warm_process import LOST_S, WARM_S, Settings, Warm, WarmProcess

VARIABLE = "AUTOGRADER_WARM"
"""The environment variable with the process id of who lends, and the address."""
_MESSAGE = 1 << 16


@contextlib.contextmanager
def lending(own: Callable[[Settings], WarmProcess]) -> Iterator[None]:
    """Lend this process's warm processes to all that it starts in the block.

    ``own`` has a warm process with some settings. A process that borrows lends nothing: what it starts borrows from the
    same lender.
    """
    if lender() is not None:
        yield
        return
    folder = temporary.short_folder()
    address = folder / _what_runs()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen()
        threading.Thread(target=_serve, args=(listener, own), name="lending", daemon=True).start()
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = f"{os.getpid()} {address}"
        try:
            yield
        finally:
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before
            listener.shutdown(socket.SHUT_RDWR)
            temporary.remove(folder)


def lender() -> str | None:
    """The address of the process that lends to this one; None if there is none, or it is gone, or it is this one.

    None, too, if its jails would run another Python or other code.
    """
    said = os.environ.get(VARIABLE, "").split(" ", 1)
    if len(said) != 2 or said[0] == str(os.getpid()) or not os.path.exists(said[1]):
        return None
    return said[1] if os.path.basename(said[1]) == _what_runs() else None


@functools.cache
def _what_runs() -> str:
    """A short name for this Python and the jail's code, the same in each process that has both."""
    made_of = json.dumps([sys.prefix, loader.sources(loader.JAIL)])
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]


class Borrowed(Warm):
    """A warm process that another process owns; see :class:`autograder.jail.warm_process.Warm`."""

    def __init__(self, settings: Settings, address: str) -> None:
        """Ask where its rooms are; it is not started yet.

        Raises
        ------
        OSError
            when the lender is gone.
        """
        super().__init__()
        self._settings, self._address = settings, address
        self._pidfd = -1
        said, _ = self._lent(start=False)
        self.rooms = Path(said["rooms"])

    def alive(self) -> bool:
        """See :class:`Warm`."""
        return not _has_ended(self._pidfd)

    def ended_since(self, moment: float) -> bool:
        """See :class:`Warm`."""
        return moment < self._started_at or _has_ended(self._pidfd, LOST_S)

    def _start(self) -> None:
        try:
            said, descriptors = self._lent(start=True)
        except OSError as error:
            raise PlatformFault(f"the process that has started the sandbox is gone: {error}") from None
        if "failed" in said:
            raise PlatformFault(said["failed"])
        self._control, self._pidfd = socket.socket(fileno=descriptors[0]), descriptors[1]
        self._control.settimeout(WARM_S)
        self._started_at = said["started_at"]

    def _lent(self, *, start: bool) -> tuple[dict[str, Any], list[int]]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.settimeout(2 * WARM_S)
            line.connect(self._address)
            line.sendall(json.dumps({"start": start, "settings": self._settings.to_json()}).encode())
            data, descriptors, _, _ = socket.recv_fds(line, _MESSAGE, 2, socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise ConnectionResetError("it ended")
        return json.loads(data), descriptors

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            os.close(self._pidfd)
            self._control, self._pidfd = None, -1


def _has_ended(pidfd: int, within_s: float = 0.0) -> bool:
    try:
        return bool(select.select([pidfd], [], [], within_s)[0])
    except (OSError, ValueError):  # -1, or another thread has just closed it
        return True


def _serve(listener: socket.socket, own: Callable[[Settings], WarmProcess]) -> None:
    """Answer each process that connects, in a thread of its own: to start a warm process takes seconds."""
    while True:
        try:
            line, _ = listener.accept()
        except OSError:  # the block has ended
            return
        threading.Thread(target=_answer, args=(line, own), name="lending", daemon=True).start()


def _answer(line: socket.socket, own: Callable[[Settings], WarmProcess]) -> None:
    descriptors: list[int] = []
    with line, contextlib.suppress(OSError):  # who asked may be gone
        asked_for = json.loads(line.recv(_MESSAGE))
        try:
            process = own(Settings.from_json(asked_for["settings"]))
            said: dict[str, object] = {"rooms": str(process.rooms)}
            if asked_for["start"]:
                said["started_at"], descriptors = process.lend()
        except PlatformFault as error:
            said = {"failed": str(error)}
        try:
            socket.send_fds(line, [json.dumps(said).encode()], descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
