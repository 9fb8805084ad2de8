"""Streams for the wire: what it reads and writes, a wait that does not sleep, and reading in large pieces."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Protocol

AWAKE_S = 200e-6
"""Seconds to wait for a message awake: to be woken from sleep takes about as long, on a virtual machine above all."""
MAX_SKIP = 15
"""Messages for which that is not tried after it has failed several times."""
_PIECE = 1 << 14


class Stream(Protocol):
    """What a frame is read from and written to: a socket, or anything with these two methods."""

    def recv_into(self, buffer: memoryview, /) -> int: ...

    def sendall(self, data: bytes | memoryview, /) -> None: ...


class Awake:
    """Waits awake for what comes soon, as long as that pays.

    Most operations on small arrays take less time than it takes to wake a process that sleeps. Where nothing comes
    soon, because they take longer or this process holds the core that the other one needs, it is tried more seldom.
    """

    def __init__(self) -> None:
        self._skip = self._skipped = 0
        # with one core, or where nobody can say, the other side cannot answer while this one waits awake
        self._pays = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1

    def readable(self, stream: socket.socket) -> bool:
        """Whether a byte, or the end, came within :data:`AWAKE_S`; False at once where waiting has not paid lately."""
        if not self._pays:
            return False
        if self._skipped < self._skip:
            self._skipped += 1
            return False
        end = time.perf_counter() + AWAKE_S
        while not select.select([stream], [], [], 0)[0]:
            if time.perf_counter() > end:
                self._skip, self._skipped = min(2 * self._skip + 1, MAX_SKIP), 0
                return False
            os.sched_yield()
        self._skip = self._skipped = 0
        return True


class Buffered:
    """A socket read in large pieces: one system call a message, where header, head and blob would take three."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = memoryview(b"")

    def recv_into(self, view: memoryview, /) -> int:
        """Fill the beginning of ``view``; how many bytes came, 0 at the end."""
        if not self._left:
            if len(view) >= _PIECE:
                return self._stream.recv_into(view)
            piece = memoryview(bytearray(_PIECE))
            self._left = piece[: self._stream.recv_into(piece)]
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def sendall(self, data: bytes | memoryview, /) -> None:
        """Write, unbuffered."""
        self._stream.sendall(data)
