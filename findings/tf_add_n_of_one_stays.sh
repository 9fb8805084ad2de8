#!/usr/bin/env bash
# tensorflow-cpu 2.21.0.
# `tf.add_n` adds tensors on the device of the surrounding `tf.device` block, as every operation does. Of a single tensor
# it makes no operation at all: the tensor itself comes back, on the device where it was. So a mean over towers, written
# as add_n inside the block, is on the device that was asked for with two towers, and elsewhere with one; with a list
# whose length depends on the data, the device does.
# Seen: two tensors CPU:1, one tensor CPU:0 and the same object; tf.reduce_sum of one, stacked, CPU:1. With a `name` it is
# an operation, on CPU:1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=
pip install --quiet tensorflow-cpu==2.21.0
cd "$folder"
python - <<'PROGRAM'
import sys

import tensorflow as tf

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
with tf.device("/CPU:0"):
    x, y = tf.identity([1.0, 2.0]), tf.identity([3.0, 4.0])
with tf.device("/CPU:1"):
    sums = {
        "two": tf.add_n([x, y]),
        "one": tf.add_n([x]),
        "one, with a name": tf.add_n([x], name="total"),
        "one, stacked": tf.reduce_sum(tf.stack([x]), axis=0),
    }
seen = {what: tensor.device.rpartition("device:")[2] for what, tensor in sums.items()}
print("where the sums are that were asked for on CPU:1:", seen, "the same object:", sums["one"] is x)
expected = {"two": "CPU:1", "one": "CPU:0", "one, with a name": "CPU:1", "one, stacked": "CPU:1"}
sys.exit(seen != expected or sums["one"] is not x)
PROGRAM
