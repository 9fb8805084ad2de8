"""Streams for the wire: their interface, waiting by polling, and buffered reading."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Protocol

AWAKE_S = 200e-6
"""Seconds to poll for a message. Waking up from sleep takes about as long, especially on a virtual machine."""
MAX_SKIP = 15
"""The most messages in a row that are awaited without polling, after polling has failed several times."""
_PIECE = 1 << 14


class Stream(Protocol):
    """The interface for reading and writing frames: a socket, or anything else with these two methods."""

    def recv_into(self, buffer: memoryview, /) -> int: ...

    def sendall(self, data: bytes | memoryview, /) -> None: ...


class Awake:
    """Polls for a message that is expected soon, as long as polling helps.

    Most operations on small arrays take less time than waking a sleeping process. If polling keeps failing, because
    operations take longer or this process occupies the core that the other one needs, it is tried less often.
    """

    def __init__(self) -> None:
        self._skip = self._skipped = 0
        # with one core, the other side cannot answer while this one polls; if the number is unknown, assume one
        self._pays = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1

    def readable(self, stream: socket.socket) -> bool:
        """Whether data, or the end, arrived within :data:`AWAKE_S`. False at once if polling has failed recently."""
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
    """A socket with buffered reading: one system call per message instead of three for header, head and blob."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._piece = memoryview(bytearray(_PIECE))  # it is used again when all of it has been read
        self._left = memoryview(b"")

    def recv_into(self, view: memoryview, /) -> int:
        """Read into the beginning of ``view``. Return the number of bytes, 0 at the end."""
        if not self._left:
            if len(view) >= _PIECE:
                return self._stream.recv_into(view)
            self._left = self._piece[: self._stream.recv_into(self._piece)]
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def sendall(self, data: bytes | memoryview, /) -> None:
        """Write without buffering."""
        self._stream.sendall(data)
