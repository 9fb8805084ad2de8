#!/usr/bin/env bash
# tensorflow-cpu 2.21.0, torch 2.13.0, numpy 2.4.6.
# A float that an int8 cannot hold is cast to another number by the same graph function, compiled by XLA or not: 300
# is 44 by TensorFlow, PyTorch and numpy, and 127 by XLA. tf.gather shows the same: an index out of range raises, and
# with XLA the nearest element is taken.
# Seen: 44, 44, 44 and 127; InvalidArgumentError and 3.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet tensorflow-cpu==2.21.0 torch==2.13.0 numpy==2.4.6
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 python - <<'PROGRAM'
import sys
import warnings

import numpy as np
import tensorflow as tf
import torch

warnings.simplefilter("ignore")
number, numbers = tf.constant([300.0]), tf.constant([1.0, 2.0, 3.0])


def cast(compiled):
    return int(tf.function(lambda x: tf.cast(x, tf.int8), jit_compile=compiled)(number)[0])


def gather(compiled):
    try:
        return float(tf.function(tf.gather, jit_compile=compiled)(numbers, tf.constant(7)))
    except tf.errors.InvalidArgumentError as error:
        return type(error).__name__


others = [int(np.array([300.0]).astype("int8")[0]), int(torch.tensor([300.0]).to(torch.int8)[0])]
seen = [cast(False), *others, cast(True)], [gather(False), gather(True)]
print("300 as int8 by TensorFlow, numpy, PyTorch, XLA; element 7 of three, without XLA and with it:", seen)
sys.exit(seen != ([44, 44, 44, 127], ["InvalidArgumentError", 3.0]))
PROGRAM
