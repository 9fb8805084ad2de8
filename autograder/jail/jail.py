"""One jail, seen from the host: its pidfds, which always mean the same process, and the messages from its init."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import PlatformFault
from autograder.jail.cpu_time import TICKS_PER_S, queued_seconds, tree_ticks

_PROCESS_GROUP = 4
"""PIDFD_SIGNAL_PROCESS_GROUP, since Linux 6.9."""
SCAN_S = 0.05
END_S = 15
"""How many seconds a jail may take to copy its files back before it is killed."""


class Confined:
    """A kernel in its jail.

    Attributes
    ----------
    pid
        the kernel's process id on the host
    forked_at
        when the jail and the kernel's process in it had been created, by :func:`time.monotonic`
    ended
        the last message of the jail's init: ``ended``, the reason, and ``left_out``, files that were not copied back
    """

    def __init__(self, line: socket.socket, init: int, kernel: int, forked_at: float) -> None:
        self._line = line
        self._init, self._kernel = init, kernel
        self._init_pid, self.pid = _pid_of(init), _pid_of(kernel)
        self._cpu_s = self._others_s = self._scan_due = self._queued_s = 0.0
        self.forked_at = forked_at
        self.ended: dict[str, Any] = {}

    @classmethod
    def answered(cls, line: socket.socket, timeout_s: float) -> Confined:
        """Wait for the jail that answers on this socket; its kernel then waits for :meth:`admit`.

        Raises
        ------
        EOFError
            when the jail ended without an answer.
        PlatformFault
            when it reports a failure, or takes too long.
        """
        descriptors: dict[str, int] = {}
        forked_at = 0.0
        line.settimeout(timeout_s)
        try:
            while True:
                data, passed, _, _ = socket.recv_fds(line, 1 << 16, 1)
                if not data:
                    raise EOFError
                said = json.loads(data)
                if passed:
                    descriptors["init" if "init" in said else "kernel"] = passed[0]
                    forked_at = time.monotonic()
                elif "failed" in said:
                    raise PlatformFault(f"a jail could not be made: {said['failed']}")
                if "waiting" in said:
                    return cls(line, descriptors["init"], descriptors["kernel"], forked_at)
        except TimeoutError:
            _close(descriptors)
            raise PlatformFault(f"a jail was not ready after {timeout_s:g} s") from None
        except BaseException:
            _close(descriptors)
            raise

    def admit(self, agent: str | None, timeout_s: float, environment: Mapping[str, str] | None = None) -> None:
        """Have the submission's files copied in and let the kernel continue.

        ``agent``: the path inside the jail of the listening socket that the agent connects to. ``environment``:
        variables to set.

        Raises
        ------
        PlatformFault
            when that fails or takes too long.
        """
        try:
            self._line.settimeout(timeout_s)
            self._line.sendall(json.dumps({"go": agent, "environment": dict(environment or {})}).encode())
            data = self._line.recv(1 << 16)
            said = json.loads(data) if data else {"failed": "it ended"}
        except OSError as error:
            said = {"failed": str(error)}
        if "ready" not in said:
            raise PlatformFault(f"a jail could not be used: {said.get('failed', 'it ended')}")

    def alive(self) -> bool:
        """Whether the kernel is running."""
        return self._kernel >= 0 and not select.select([self._kernel], [], [], 0)[0]

    def signal(self, number: int) -> None:
        """Signal the kernel and, if Linux supports it, its process group."""
        if self._kernel < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            try:
                signal.pidfd_send_signal(self._kernel, signal.Signals(number), None, _PROCESS_GROUP)
            except OSError as error:
                if isinstance(error, ProcessLookupError):
                    raise
                signal.pidfd_send_signal(self._kernel, signal.Signals(number))

    def cpu_seconds(self) -> float:
        """CPU time of every process in the jail, running or ended. After the jail's end it is the last known value.

        The kernel's own time is read from its clock on each call, that of the other processes at most once every
        :data:`SCAN_S` seconds.
        """
        if self._kernel < 0:
            return self._cpu_s
        own = self._own_seconds()
        if own is None or time.monotonic() > self._scan_due:
            ticks = tree_ticks(self._init_pid, own=False)
            if ticks is not None:
                self._others_s = max(self._others_s, ticks / TICKS_PER_S - (own or 0.0))
                self._scan_due = time.monotonic() + SCAN_S
        self._cpu_s = max(self._cpu_s, (own or 0.0) + self._others_s)
        return self._cpu_s

    def queued_seconds(self) -> float:
        """How long the kernel's main thread has waited for a processor so far, in seconds."""
        if self._kernel >= 0 and not self.ended:  # not alive(): another thread may be closing the descriptor
            self._queued_s = max(self._queued_s, queued_seconds(self.pid))
        return self._queued_s

    def _own_seconds(self) -> float | None:
        """CPU time of the kernel's process, from its clock; None if the process is gone."""
        try:
            # what clock_getcpuclockid(3) does, which Python lacks: the clock of process n has the id ~n << 3 | 2
            return time.clock_gettime(~self.pid << 3 | 2)
        except OSError:
            return None

    def kill(self) -> None:
        """Kill the kernel. The jail's init then ends the other processes and copies the files back."""
        self.signal(signal.SIGKILL)

    def end(self, timeout_s: float = END_S) -> dict[str, Any]:
        """End the jail: stop everything in it and wait until its files are copied back. May be called twice."""
        if self._init < 0 or self.ended:
            return self.ended
        self.cpu_seconds()
        end = time.monotonic() + timeout_s
        with contextlib.suppress(OSError):
            self._line.sendall(b"end")
        try:
            while not self.ended:
                self._line.settimeout(max(0.01, end - time.monotonic()))
                data = self._line.recv(1 << 16)
                said = json.loads(data) if data else {"ended": "lost"}
                self.ended = said if "ended" in said or "failed" in said else {}
        except (OSError, ValueError):
            self.ended = {"ended": "late"}
        return self.ended

    def finish(self, timeout_s: float = END_S) -> dict[str, Any]:
        """End the jail and wait until its init, and so every process in it, has exited. May be called twice."""
        if self._init < 0:
            return self.ended
        self.end(timeout_s)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._init, signal.SIGKILL)
        select.select([self._init], [], [], END_S)
        self._line.close()
        _close({"init": self._init, "kernel": self._kernel})
        self._init = self._kernel = -1
        return self.ended


def _close(descriptors: dict[str, int]) -> None:
    for descriptor in descriptors.values():
        if descriptor >= 0:
            os.close(descriptor)


def _pid_of(pidfd: int) -> int:
    """The process id behind a pidfd, in this namespace; -1 if the process is gone."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1
