"""How much one jail may use, and which protections it has."""

from __future__ import annotations

from dataclasses import dataclass

PROTECTIONS = frozenset(
    [
        "user", "processes", "ipc", "network", "private", "inodes", "rooms", "room", "capabilities",
        "memory_limit", "cpu_limit", "processes_limit", "open_files_limit", "file_size_limit", "core_limit",
    ]
)  # fmt: skip
"""The protections of a jail. A test may switch off any of them, to show that it is what stops an attack."""


@dataclass(frozen=True)
class JailLimits:
    """The limits of one jail: sizes in bytes, times in seconds, and counts.

    Attributes
    ----------
    memory
        in addition to what the warm process uses
    tmp, home, shm
        the three file systems in memory, which have their own limits in addition to ``memory``
    files, depth, back
        what is copied back: how many files, how deep in folders, how many bytes in total
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
