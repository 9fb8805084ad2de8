#!/usr/bin/env bash
# torch 2.13.0, keras 3.15.1 (on torch).
# After the same batch, and with the same momentum in either library's sense, the running variances of BatchNorm
# differ: PyTorch keeps the unbiased variance, Keras the biased one, by which both normalize in training. Weights that
# are carried over from one to the other are right, and trained ones differ by n / (n - 1).
# Seen: 1.6667 in PyTorch, 1.25 in Keras, for 0, 1, 2, 3.
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
import numpy as np
import torch

x = np.array([[0.0], [1.0], [2.0], [3.0]], "float32")
in_torch, in_keras = torch.nn.BatchNorm1d(1, momentum=1.0), keras.layers.BatchNormalization(momentum=0.0)
in_torch(torch.from_numpy(x))
in_keras(x, training=True)
seen = [round(float(v), 4) for v in (in_torch.running_var, keras.ops.convert_to_numpy(in_keras.moving_variance)[0])]
print("running variance of 0, 1, 2, 3 in PyTorch and in Keras:", seen)
sys.exit(seen != [1.6667, 1.25])
PROGRAM
