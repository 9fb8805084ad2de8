#!/usr/bin/env bash
# tensorflow-cpu 2.21.0, ai-edge-litert 2.3.0.
# When the representative samples of a full-integer quantization all give the same output, TensorFlow's converter
# writes a model with a scale of about 1e-8, without a complaint. LiteRT's interpreter then raises in
# allocate_tensors, because its default delegate refuses that scale; without default delegates the same file runs.
# Seen: RuntimeError by default, and a zero with BUILTIN_WITHOUT_DEFAULT_DELEGATES.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet tensorflow-cpu==2.21.0 ai-edge-litert==2.3.0
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 python - <<'PROGRAM'
import sys

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType

module = tf.Module()
module.w = tf.ones((2, 2))
total = tf.function(lambda x: x @ module.w, input_signature=[tf.TensorSpec([1, 2])])
converter = tf.lite.TFLiteConverter.from_concrete_functions([total.get_concrete_function()], module)
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = lambda: [[np.array([[-1.0, 1.0]], "float32")]]
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = converter.inference_output_type = tf.int8
model, seen = converter.convert(), []
for resolver in (OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=resolver)
    try:
        interpreter.allocate_tensors()
        interpreter.invoke()
        seen.append("runs")
    except RuntimeError as error:
        seen.append(type(error).__name__)
(about,) = interpreter.get_output_details()
print("by default, and without delegates:", seen, "scale:", about["quantization"][0])
sys.exit(seen != ["RuntimeError", "runs"])
PROGRAM
