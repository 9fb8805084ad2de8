"""Frees what a failed test leaves behind: its exception and its frames hold each other, and the values in them.

Python collects such cycles by the number of objects, not by their size. Arrays of 256 MB of every failed test would
stay until then.
"""

from __future__ import annotations

import gc
import sys

LARGE = 16 << 20
"""Bytes of arrays that came in one test, from which on they are freed at its end. Collecting takes some 50 ms."""


class Garbage:
    """What has come since the last time that something was freed, in bytes."""

    def __init__(self) -> None:
        self._bytes = 0

    def add(self, size: int) -> None:
        """So many bytes came."""
        self._bytes += size

    def free(self) -> None:
        """Collect if much came. pytest keeps the last exception for debuggers; nobody debugs here."""
        if self._bytes < LARGE:
            return
        self._bytes = 0
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            vars(sys).pop(name, None)
        gc.collect()
