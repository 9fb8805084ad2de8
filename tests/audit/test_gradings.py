"""Does nothing of a pool go on when the process that made it has been killed?"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

POOL = """
import time

from autograder.audit.gradings import grading_pool

if __name__ == "__main__":
    with grading_pool(2) as pool:
        jobs = [pool.submit(time.sleep, 0.2) for _ in range(1000)]
        jobs[3].result()  # both workers are at work
        print(*pool._processes, flush=True)
        jobs[-1].result()
"""
PATIENCE_S = 30


def test_workers_end_with_the_process_that_made_them(tmp_path: Path) -> None:
    """Also when it is killed and can tell them nothing, with jobs left in the queue."""
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as made:
        assert made.stdout is not None
        workers = [Path("/proc", number) for number in made.stdout.readline().split()]
        assert len(workers) == 2
        assert all(worker.exists() for worker in workers)
        made.kill()
    ends = time.monotonic() + PATIENCE_S
    while any(worker.exists() for worker in workers) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not [worker for worker in workers if worker.exists()]
