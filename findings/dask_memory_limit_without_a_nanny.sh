#!/usr/bin/env bash
# distributed 2026.8.0.
# LocalCluster takes memory_limit, and with processes=False it has no effect: workers in threads have no nanny that
# would enforce it. A task takes three times the limit and succeeds. With processes the same task's worker is ended,
# four times, and the task fails with KilledWorker.
# Seen: the task's result without processes, KilledWorker with them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet distributed==2026.8.0
cd "$folder"
cat > program.py <<'PROGRAM'
import logging
import sys
import time

from distributed import Client, KilledWorker, LocalCluster


def three_hundred_mib():
    held = bytearray(300 << 20)
    time.sleep(3)
    return len(held) >> 20


def run(processes, limit):
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=processes, memory_limit=limit, dashboard_address=None)
    with cluster, Client(cluster) as client:
        try:
            return client.submit(three_hundred_mib).result()
        except KilledWorker:
            return "KilledWorker"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    seen = [run(False, "100MiB"), run(True, "250MiB")]
    print("in threads with 100 MiB, in processes with 250 MiB:", seen)
    sys.exit(seen != [300, "KilledWorker"])
PROGRAM
python program.py
