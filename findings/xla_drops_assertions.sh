#!/usr/bin/env bash
# tensorflow-cpu 2.21.0.
# With jit_compile=True an assertion of tf.debugging in a graph function is left out of what is compiled, without a
# warning: the function returns a number where the same function without XLA raises.
# Seen: InvalidArgumentError without XLA, -1.0 with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet tensorflow-cpu==2.21.0
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 python - <<'PROGRAM'
import sys

import tensorflow as tf


def positive(x):
    tf.debugging.assert_positive(x)
    return x


seen = []
for compiled in (False, True):
    try:
        seen.append(float(tf.function(positive, jit_compile=compiled)(tf.constant(-1.0))))
    except tf.errors.InvalidArgumentError as error:
        seen.append(type(error).__name__)
print("assert_positive of -1 without XLA, and with it:", seen)
sys.exit(seen != ["InvalidArgumentError", -1.0])
PROGRAM
