#!/usr/bin/env bash
# torch 2.13.0, tensorboard 2.21.0, tensorflow-cpu 2.21.0.
# Importing PyTorch's SummaryWriter imports all of TensorFlow where that is installed, to ask whether its file system
# functions exist: seconds, some hundred megabytes, and TensorFlow's log lines, in a program that uses none of it.
# Where tensorboard is alone it does not.
# Seen: tensorflow and keras among the imported modules after one import.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet torch==2.13.0 tensorboard==2.21.0 tensorflow-cpu==2.21.0
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 python - <<'PROGRAM'
import sys
import time

import torch

assert "tensorflow" not in sys.modules
start = time.monotonic()
from torch.utils.tensorboard import SummaryWriter  # noqa: E402, F401

seen = [name for name in ("tensorflow", "keras") if name in sys.modules]
print(f"imported by SummaryWriter in {time.monotonic() - start:.1f} s: {seen}")
sys.exit(seen != ["tensorflow", "keras"])
PROGRAM
