#!/usr/bin/env bash
# tensorflow-cpu 2.21.0, keras 3.15.1, torch 2.13.0.
# TensorFlow copies an array of numpy's. A tensor of PyTorch's on the CPU it may take over as it is: a tf.constant and a
# tf.Variable made from one, a variable that it was assigned to, and weights given to a Keras model lie in the same memory
# afterwards. A later step in place, as an optimizer of PyTorch's takes it, changes the "constant" and the other model.
# Seen: 1 + 10 in all four made from a tensor, 1 in all four made from tensor.numpy().copy().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet torch==2.13.0 tensorflow-cpu==2.21.0 keras==3.15.1
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 python - <<'PROGRAM'
import sys

import keras
import tensorflow as tf
import torch


def after_a_step(dress):
    """The first number of what TensorFlow holds, before and after a step of PyTorch's on what it was given."""
    tensor = torch.ones(3)
    layer = keras.layers.Dense(3)
    layer.build((None, 2))
    assigned, given = tf.Variable(tf.zeros(3)), dress(tensor)
    constant, variable = tf.constant(given), tf.Variable(given)
    assigned.assign(given)
    layer.set_weights([layer.kernel, given])
    held = {"constant": constant, "variable": variable, "assigned": assigned, "Keras' bias": layer.bias}
    before = {float(x.numpy()[0]) for x in held.values()}
    tensor.add_(10.0)
    return before, {name: float(x.numpy()[0]) for name, x in held.items()}


seen = {
    "a tensor": after_a_step(lambda tensor: tensor),
    "its numpy().copy()": after_a_step(lambda tensor: tensor.numpy().copy()),
}
for what, (before, after) in seen.items():
    print(f"made from {what}: {before}, after a step {after}")
shared, copied = (set(after.values()) for _, after in seen.values())
sys.exit((shared, copied) != ({11.0}, {1.0}))
PROGRAM
