#!/usr/bin/env bash
# torch 2.13.0, keras 3.15.1 (on torch).
# The same Adam, with the same learning rate, betas and epsilon, takes another first step where gradients are small:
# PyTorch adds epsilon to the corrected root, Keras to the uncorrected one, where it is 1 / sqrt(1 - beta2) = 31.6
# times larger. For a gradient of 1e-8 and an epsilon of 1e-7 the steps differ by a factor of 29.
# Seen: -0.0909 in PyTorch, -0.00315 in Keras, with a rate of 1; for a gradient of 1 both say -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet torch==2.13.0 keras==3.15.1
cd "$folder"
KERAS_BACKEND=torch python - <<'PROGRAM'
import sys

import keras
import torch


def steps(gradient):
    p = torch.zeros(1, requires_grad=True)
    p.grad = torch.full((1,), gradient)
    torch.optim.Adam([p], lr=1.0, betas=(0.9, 0.999), eps=1e-7).step()
    v = keras.Variable([0.0])
    keras.optimizers.Adam(1.0, beta_1=0.9, beta_2=0.999, epsilon=1e-7).apply([keras.ops.full((1,), gradient)], [v])
    return [round(p.item(), 4), round(float(keras.ops.convert_to_numpy(v)[0]), 4)]


seen = {gradient: steps(gradient) for gradient in (1e-8, 1.0)}
print("gradient: first step in PyTorch and in Keras:", seen)
sys.exit(seen != {1e-8: [-0.0909, -0.0032], 1.0: [-1.0, -1.0]})
PROGRAM
