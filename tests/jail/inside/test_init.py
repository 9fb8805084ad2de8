"""Does process 1 of a jail wait until nobody in it can write any more?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.jail.inside import init

LEADER_GONE = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=[60]).start()
print("ready", flush=True)
ctypes.CDLL(None).syscall(60 if __import__("os").uname().machine == "x86_64" else 93, 0)  # exit(2), of this thread only
"""


@contextmanager
def child(code: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_a_process_that_runs_has_memory_and_a_dead_one_has_none() -> None:
    with child("print('ready', flush=True)\nimport time\ntime.sleep(60)") as process:
        assert init._has_memory(str(process.pid))
        os.kill(process.pid, signal.SIGKILL)
        while state(process.pid) != "Z":
            time.sleep(0.01)
        assert not init._has_memory(str(process.pid))
    assert not init._has_memory(str(process.pid))


def test_a_thread_that_outlives_the_first_one_is_seen() -> None:
    with child(LEADER_GONE) as process:
        while state(process.pid) != "Z":
            time.sleep(0.01)
        assert init._has_memory(str(process.pid))


def test_killing_goes_on_until_nothing_has_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    left = iter([True, True, False])
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(os, "listdir", lambda path: ["1", "7", "self"])
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(pid))
    monkeypatch.setattr(init, "_has_memory", lambda name: name == "7" and next(left))
    init._end_all(-1)
    assert killed == [-1, -1, -1]
