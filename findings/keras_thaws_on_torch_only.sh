#!/usr/bin/env bash
# keras 3.15.1, on torch 2.13.0 and on tensorflow-cpu 2.21.0.
# `model.trainable = True` thaws a layer that was frozen by itself if Keras runs on torch, and leaves it frozen on
# TensorFlow. There, setting an attribute to the value that it has already is left out, and a model's own flag is True.
# Setting it to False first, and then to True, thaws the layer on both.
# Seen: four variables to be trained on torch, two on tensorflow; after False and True four on both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 TF_CPP_MIN_LOG_LEVEL=3
pip install --quiet torch==2.13.0 tensorflow-cpu==2.21.0 keras==3.15.1
cd "$folder"
cat > thaw.py <<'PROGRAM'
import keras

frozen = keras.layers.Dense(3, trainable=False)
model = keras.Sequential([keras.Input((4,)), frozen, keras.layers.Dense(2)])
seen = [len(model.trainable_variables)]
for trainable in ([True], [False, True]):
    for each in trainable:
        model.trainable = each
    seen.append(len(model.trainable_variables))
print(*seen)
PROGRAM
torch=$(KERAS_BACKEND=torch python thaw.py 2>/dev/null)
tensorflow=$(KERAS_BACKEND=tensorflow python thaw.py 2>/dev/null)
echo "variables to be trained: at first, after True, after False and True"
echo "on torch: $torch; on tensorflow: $tensorflow"
[ "$torch" = "2 4 4" ] && [ "$tensorflow" = "2 2 4" ]
