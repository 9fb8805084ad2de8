#!/usr/bin/env bash
# dask and distributed 2026.8.0 on CPython 3.11.
# Each connection of a scheduler keeps its last 1,000 messages, for debugging (distributed.admin.low-level-log-length).
# A message holds what the task was given. So a client that hands over tasks of 100 KB one by one, and drops each result
# at once, holds 1,000 tasks that are long done, and its scheduler as many. Nothing says so; the tasks are forgotten.
# Seen: about 100 KB more for each task that has ended, in the client and again in the scheduler, and none with the log
# at 0. A message of more than a megabyte is not kept.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet dask==2026.8.0 distributed==2026.8.0
cat > "$folder/program.py" <<'PROGRAM'
import gc
import os
import sys
import tracemalloc

import dask
from distributed import Client, LocalCluster

TASKS, BYTES = 300, 100_000


def length(data):
    return len(data)


def kept(log):
    """What is held when all tasks are done and forgotten: how many tasks, messages, and bytes for each task."""
    settings = {} if log is None else {"distributed.admin.low-level-log-length": log}
    with (
        dask.config.set(settings),
        LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        tracemalloc.start()
        for number in range(TASKS):
            future = client.submit(length, os.urandom(BYTES), key=f"task-{number}", pure=False)
            assert future.result() == BYTES
            del future
        gc.collect()
        tasks = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        streams = [client.scheduler_comm, *cluster.scheduler.stream_comms.values()]
        return tasks, [len(stream.recent_message_log) for stream in streams], grown // TASKS


if __name__ == "__main__":
    tasks, messages, each = kept(None)
    print(f"{TASKS} tasks of {BYTES:,} bytes are done, the scheduler knows {tasks} of them")
    print(f"messages kept by client and scheduler: {messages}; {each:,} bytes for each task")
    _, none, less = kept(0)
    print(f"with the log at 0: {none}; {less:,} bytes")
    sys.exit(not (tasks <= 1 and min(messages) >= TASKS and each > BYTES and not any(none) and less < BYTES / 4))
PROGRAM
python "$folder/program.py"
