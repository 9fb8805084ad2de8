"""Is the time of a process and of everything that it started counted?"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from autograder.jail.cpu_time import TICKS_PER_S, queued_seconds, tree_ticks

COMPUTES = "import subprocess, sys, time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


def test_children_count_while_they_run_and_after() -> None:
    source = COMPUTES + f"subprocess.run([sys.executable, '-S', '-c', {COMPUTES!r}])\nprint(1, flush=True)\ninput()"
    command = [sys.executable, "-S", "-c", source]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with_own, without = tree_ticks(process.pid, own=True), tree_ticks(process.pid, own=False)
        process.communicate(b"\n")
    assert with_own is not None
    assert without is not None
    assert with_own / TICKS_PER_S > 0.5
    assert without < with_own


def test_a_process_that_is_gone_has_no_time() -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as process:
        process.wait()
    assert tree_ticks(process.pid, own=True) is None
    assert queued_seconds(process.pid) == 0.0


def test_waiting_for_a_processor_is_seen() -> None:
    if not queued_seconds(os.getpid()):
        return  # this Linux was built without it, or nobody else has run here yet
    core = {min(os.sched_getaffinity(0))}
    spin = f"import os\nos.sched_setaffinity(0, {core})\nprint(1, flush=True)\nwhile True: pass"
    pair = [subprocess.Popen([sys.executable, "-S", "-c", spin], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for process in pair:
            assert process.stdout is not None
            process.stdout.readline()
        before = [queued_seconds(process.pid) for process in pair]
        time.sleep(0.6)
        waited = [queued_seconds(process.pid) - was for process, was in zip(pair, before, strict=True)]
    finally:
        for process in pair:
            process.kill()
            process.communicate()
    assert sum(waited) > 0.3, "on one core they cannot both run"
