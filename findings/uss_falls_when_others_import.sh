#!/usr/bin/env bash
# Linux, psutil 7.2.2, numpy 2.3.5.
# A process's unique memory (USS) has the pages of libraries that it alone has mapped. When another, unrelated process
# imports the same library, the first one's USS falls, though it has done nothing, and rises again when the other ends.
# So USS, added up or watched for growth, shows what else runs on the machine.
# Seen: with numpy, several MiB less beside another process that has it, and as before after that one's end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet psutil==7.2.2 numpy==2.3.5
cd "$folder"
python - <<'PROGRAM'
import subprocess
import sys

import psutil

PROGRAM = "import numpy; print(flush=True); input()"


def start():
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def uss(process):
    return psutil.Process(process.pid).memory_full_info().uss / 2**20


first = start()
alone = uss(first)
second = start()
beside = uss(first)
second.communicate(b"\n")
after = uss(first)
first.communicate(b"\n")
print(f"MiB of the first process: {alone:.1f} alone, {beside:.1f} beside another, {after:.1f} after that one's end")
sys.exit(not (alone - beside > 3 and abs(after - alone) < 1))
PROGRAM
