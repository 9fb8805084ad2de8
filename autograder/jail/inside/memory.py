"""How many tasks a jail has, and how much memory of every kind: what its processes have, and what Linux keeps for them.

Limits of Linux apply to one process, or not to root, and some kinds have none: page tables, semaphores, what waits in
sockets and pipes. Here they are counted for the whole jail. It runs in the jail's init, in the jail's namespaces.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SEMAPHORE = 64
"""Bytes of one System V semaphore: each has a line of the processor's cache to itself."""
_MESSAGE = 64
"""Bytes that Linux adds to a System V message at most, for what is short."""
_PIPE = 64 << 10
"""Bytes that a pipe holds, unless a user has so many that each gets less."""
_FEW_SOCKETS = 32
"""So many sockets are not looked at: a kernel has 18, and asking for what waits in them takes time."""
_SOCKET = 4 << 20
"""Bytes that wait in such a socket at most, where Linux does not say how many may."""
_DEVICE = " /dev/nvidia"
"""How the devices of a GPU's driver begin in a list of mappings."""
_MEMINFO: dict[int, int] = {socket.AF_UNIX: 5, socket.AF_INET: 7, socket.AF_INET6: 7}
"""The numbers of UNIX_DIAG_MEMINFO and INET_DIAG_SKMEMINFO, an attribute with a socket's memory."""
_HEADS: dict[int, int] = {socket.AF_UNIX: 16, socket.AF_INET: 72, socket.AF_INET6: 72}
"""Bytes of struct unix_diag_msg and of struct inet_diag_msg."""
_DIAGNOSED = (
    (socket.AF_UNIX, 0), (socket.AF_INET, socket.IPPROTO_TCP), (socket.AF_INET6, socket.IPPROTO_TCP),
    (socket.AF_INET, socket.IPPROTO_UDP), (socket.AF_INET6, socket.IPPROTO_UDP),
)  # fmt: skip


def usage(limit: int, file_size: int, *, gpu: bool = False) -> tuple[int, int]:
    """The jail's threads, and its memory in bytes: an estimate, or exact if the estimate exceeds the limit.

    ``gpu``: whether it may use a GPU. The driver may then keep data in this machine's memory (cudaMallocManaged), which
    Linux counts as pages of the driver's device, as if they were those of a file.
    """
    processes, tasks, estimate, tables = [], 0, 0, 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                tasks += int(file.read().rpartition(")")[2].split()[17])
            with open(f"/proc/{name}/statm") as file:
                _, resident, shared, *_ = map(int, file.read().split())
        except (OSError, IndexError, ValueError):
            continue  # the process has just ended
        processes.append(name)
        own, mapped = _status(name, "VmPTE", "RssShmem")
        estimate += resident * _PAGE if gpu else (resident - shared) * _PAGE + mapped
        tables += own
    unseen = tables + _segments() + _semaphores() + _messages() + _open_files(processes, file_size) + _sockets()
    if unseen + estimate <= limit:
        return tasks, unseen + estimate
    return tasks, unseen + sum(_private(name) + (_of_the_driver(name) if gpu else 0) for name in processes)


def _status(process: str, *names: str) -> list[int]:
    """Bytes of a process's page tables, of its shared memory, and others of its status by name.

    Reading a page of an empty mapping adds a page table, and no memory of its own. Shared memory without a name
    (mmap) is seen nowhere else.
    """
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/status") as file:
        text = file.read()
        return [int(text.partition(f"\n{name}:")[2].split(None, 1)[0]) << 10 for name in names]
    return [0] * len(names)


def _columns(kind: str, *names: str) -> list[list[int]]:
    """Some columns of a table of System V objects; empty if this Linux has none."""
    with contextlib.suppress(OSError, ValueError, StopIteration, IndexError), open(f"/proc/sysvipc/{kind}") as file:
        header = next(file).split()
        places = [header.index(name) for name in names]
        return [[int(line[place]) for place in places] for line in map(str.split, file)]
    return []


def _segments() -> int:
    """Bytes of System V shared memory in this jail, whether or not a process has it attached."""
    return sum(map(sum, _columns("shm", "rss", "swap")))


def _semaphores() -> int:
    return _SEMAPHORE * sum(map(sum, _columns("sem", "nsems")))


def _messages() -> int:
    return sum(held + _MESSAGE * count for held, count in _columns("msg", "cbytes", "qnum"))


def _open_files(processes: list[str], file_size: int) -> int:
    """Bytes of pipes, and of files that exist in memory only (memfd_create). What is mapped may be counted twice.

    A file that waits in a socket counts as much as a file may have.
    """
    sizes: dict[int, int] = {}
    pipes: set[str] = set()
    sockets: dict[str, int] = {}
    for name in processes:
        folder = f"/proc/{name}/fd"
        with contextlib.suppress(OSError):  # the process has just ended
            for number in os.listdir(folder):
                with contextlib.suppress(OSError):
                    opened = os.readlink(f"{folder}/{number}")
                    if opened.startswith("pipe:"):
                        pipes.add(opened)
                    elif opened.startswith("/memfd:"):
                        about = os.stat(f"{folder}/{number}")
                        sizes[about.st_ino] = about.st_blocks * 512
                    elif opened.startswith("socket:") and opened not in sockets:
                        sockets[opened] = _on_the_way(name, number)
    return sum(sizes.values()) + _PIPE * len(pipes) + file_size * sum(sockets.values())


def _on_the_way(process: str, number: str) -> int:
    """How many open files wait in a socket to be received; no process has them, so nothing tells their size."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{process}/fdinfo/{number}") as file:
        return int(file.read().partition("scm_fds:")[2].split(None, 1)[0])
    return 0


def _sockets() -> int:
    """Bytes that wait in the sockets of this network namespace, whether or not a process still has them open."""
    count, seen, held = _count(), 0, 0
    if count <= _FEW_SOCKETS:
        return 0
    for family, protocol in _DIAGNOSED:
        with contextlib.suppress(OSError, struct.error):
            for size in _waiting(family, protocol):
                seen, held = seen + 1, held + size
    unknown = count - seen - _FEW_SOCKETS  # of other kinds, or all of them if this Linux does not tell
    return held + (2 * _most_in_a_socket() * unknown if unknown > 0 else 0)


def _count() -> int:
    """How many sockets the namespace has, of all kinds."""
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/net/sockstat") as file:
        return int(next(file).split()[2])
    return 0


def _most_in_a_socket() -> int:
    sizes = []
    for name in ("rmem_max", "wmem_max"):
        try:
            with open(f"/proc/sys/net/core/{name}") as file:
                sizes.append(int(file.read()))
        except (OSError, ValueError):
            sizes.append(_SOCKET)
    return max(sizes)


def _waiting(family: int, protocol: int) -> list[int]:
    """Bytes of memory for each socket of a kind (sock_diag(7)).

    Raises
    ------
    OSError
        when this Linux does not tell.
    """
    if family == socket.AF_UNIX:
        asked = struct.pack("=BBHIIIII", family, protocol, 0, 0xFFFFFFFF, 0, 1 << _MEMINFO[family], 0, 0)
    else:
        asked = struct.pack("=BBBBI48x", family, protocol, 1 << _MEMINFO[family] - 1, 0, 0xFFFFFFFF)
    found: list[int] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as line:  # NETLINK_SOCK_DIAG
        line.settimeout(1)
        # SOCK_DIAG_BY_FAMILY as a request for all of them: NLM_F_REQUEST | NLM_F_DUMP
        line.sendall(struct.pack("=IHHII", 16 + len(asked), 20, 0x301, 1, 0) + asked)
        while True:
            data, place = line.recv(1 << 17), 0
            while place + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, place)
                if kind == 3:  # NLMSG_DONE
                    return found
                if kind == 2 or length < 16:  # NLMSG_ERROR
                    raise OSError("sock_diag is not there")
                found.append(_memory(data[place + 16 + _HEADS[family] : place + length], _MEMINFO[family]))
                place += length + 3 & ~3


def _memory(attributes: bytes, wanted: int) -> int:
    """The bytes that a socket's buffers take, from its attributes: received, and on the way."""
    place = 0
    while place + 4 <= len(attributes):
        length, kind = struct.unpack_from("=HH", attributes, place)
        if kind == wanted:
            received, _, sent, _, ahead, queued = struct.unpack_from("=6I", attributes, place + 4)
            return int(received + ahead + max(sent, queued))
        place += max(4, length + 3 & ~3)
    return 0


def _private(name: str) -> int:
    try:
        with open(f"/proc/{name}/smaps_rollup") as file:
            lines = [line.split() for line in file]
    except OSError:
        return 0
    return sum(int(line[1]) << 10 for line in lines if line[0] in ("Private_Dirty:", "Pss_Shmem:"))


def _of_the_driver(name: str) -> int:
    """Bytes of a process's own pages of a GPU's devices that are clean; those it has written to are in `_private`."""
    found, device = 0, False
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/smaps") as file:
        for line in file:
            if line.startswith("Private_Clean:"):
                found += int(line.split()[1]) << 10 if device else 0
            elif not line.partition(" ")[0].endswith(":"):  # the first line of a mapping: its addresses, its file last
                device = _DEVICE in line
    return found
