"""Does a jail's memory count, of whatever kind it is and wherever Linux keeps it?"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.jail.inside import memory

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
IPC_RMID = 0


@contextlib.contextmanager
def filled() -> Iterator[int]:
    """A pair of sockets in which bytes wait; gives their number."""
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                sent += one.send(bytes(10_000))
        yield sent


def test_what_waits_in_sockets() -> None:
    with filled() as sent:
        assert max(memory._waiting(socket.AF_UNIX, 0)) >= sent > 50_000


def test_what_waits_in_connections() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as one, server.accept()[0]:
        one.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                sent += one.send(bytes(10_000))
        assert sum(memory._waiting(socket.AF_INET, socket.IPPROTO_TCP)) >= sent > 50_000


def test_few_sockets_are_not_looked_at_and_unknown_ones_count_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_waiting", lambda family, protocol: [1] * 10 if protocol == 0 else [])
    monkeypatch.setattr(memory, "_most_in_a_socket", lambda: 1_000)
    for count, counted in ((18, 0), (memory._FEW_SOCKETS, 0), (memory._FEW_SOCKETS + 10, 10), (50, 10 + 2 * 1_000 * 8)):
        monkeypatch.setattr(memory, "_count", lambda count=count: count)
        assert memory._sockets() == counted
    monkeypatch.undo()
    assert memory._count() > 0


def test_semaphores() -> None:
    before = memory._semaphores()
    number = LIBC.semget(0, 32_000, 0o600)
    assert number >= 0
    try:
        assert memory._semaphores() - before >= 32_000 * 64
    finally:
        LIBC.semctl(number, 0, IPC_RMID)


def test_messages_count_with_what_linux_adds() -> None:
    before, number = memory._messages(), LIBC.msgget(0, 0o600)
    assert number >= 0
    try:
        message = ctypes.create_string_buffer(b"\x01" + bytes(7))
        for _ in range(100):
            assert LIBC.msgsnd(number, message, 0, 0o4000) == 0
        assert memory._messages() - before >= 100 * 64
    finally:
        LIBC.msgctl(number, IPC_RMID, None)


def test_page_tables_of_memory_that_was_only_read() -> None:
    before, size = memory._status("self", "VmPTE")[0], 8 << 30
    place = LIBC.mmap(None, size, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, -1, 0)
    try:
        for at in range(place, place + size, 2 << 20):
            assert ctypes.c_ubyte.from_address(at).value == 0
        assert memory._status("self", "VmPTE")[0] - before >= (size // (2 << 20)) * 4096 // 2
    finally:
        LIBC.munmap(ctypes.c_void_p(place), ctypes.c_size_t(size))
    assert memory._status("no process", "VmPTE", "RssShmem") == [0, 0]


def test_pipes() -> None:
    here = [str(os.getpid())]
    before = memory._open_files(here, 0)
    ends = os.pipe()
    try:
        assert memory._open_files(here, 0) - before == 64 << 10
    finally:
        for end in ends:
            os.close(end)


def test_shared_memory_without_a_name() -> None:
    with mmap.mmap(-1, 8 << 20) as shared:
        before = memory._status("self", "RssShmem")[0]
        shared[:] = bytes(8 << 20)
        assert memory._status("self", "RssShmem")[0] - before >= 8 << 20


@pytest.mark.parametrize("written", [False, True])
def test_what_a_gpus_driver_keeps_in_this_machines_memory(
    written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does it count where there is a GPU, written to or not? A file stands for the driver's device."""
    path, size, listdir = tmp_path / "device", 32 << 20, os.listdir
    path.write_bytes(bytes(size))
    monkeypatch.setattr(memory, "_DEVICE", str(path))
    monkeypatch.setattr(os, "listdir", lambda top: [str(os.getpid())] if top == "/proc" else listdir(top))
    before = {gpu: memory.usage(1, 0, gpu=gpu)[1] for gpu in (False, True)}
    with path.open("r+b") as file, mmap.mmap(file.fileno(), size) as mapped:
        os.fsync(file.fileno())
        for place in range(0, size, mmap.PAGESIZE):
            if written:
                mapped[place] = 1
            else:
                _ = mapped[place]
        assert memory.usage(1, 0, gpu=True)[1] - before[True] > size - (4 << 20)
        assert written or memory.usage(1, 0)[1] - before[False] < 4 << 20
        limit = memory.usage(1 << 50, 0)[1] + (4 << 20)
        assert memory.usage(limit, 0, gpu=True)[1] > limit  # whose estimate alone is below it without a GPU


def test_files_that_wait_in_a_socket_count_as_much_as_a_file_may_have() -> None:
    one, other = socket.socketpair()
    before = memory._open_files(["self"], 1 << 30)
    with one, other, open("/dev/null") as file:
        socket.send_fds(one, [b"x"], [file.fileno()] * 3)
        assert memory._open_files(["self"], 1 << 30) - before == 3 << 30
        socket.recv_fds(other, 1, 3)
