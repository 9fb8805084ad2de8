"""The clean room's probes for files of arrays and models, and the probe that fetches a folder from the student.

They are sent as text and run in a kernel; nothing here imports a framework on the trusted side. An artifact is hostile:
whatever could run code is refused before anything is evaluated, and the evaluation runs in the jail.
"""

from __future__ import annotations

from typing import Any

from autograder.grading.probes import probe


@probe
def warm_up(framework: str) -> None:
    """Import a framework and run a first operation, so that this does not count as a test's time."""
    if framework == "torch":
        import torch

        torch.zeros(1) + 1
    else:
        import warnings

        import tensorflow as tf

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _ = tf.lite.Interpreter, tf.saved_model.load
        with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
            session.run(tf.constant(1.0) + 1.0)
        tf.constant(1.0) + 1.0


@probe
def as_array(value: Any) -> Any:
    """A framework's result as an array that can be sent: text as bytes, types that numpy lacks as float32."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind == "O":
        return array.astype("S")
    return array if array.dtype.kind in "biufcSU" else array.astype("float32")


@probe
def open_tflite(blob: bytes) -> Any:
    """An interpreter for a TFLite model, or its custom operations: these could be any TensorFlow operation."""
    import warnings

    import tensorflow as tf
    from tensorflow.lite.python import schema_py_generated as schema

    if blob[4:8] != b"TFL3":
        raise ValueError("these bytes are no TFLite model")
    model = schema.Model.GetRootAsModel(blob, 0)
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    custom = schema.BuiltinOperator.CUSTOM
    bad = {
        (code.CustomCode() or b"?").decode(errors="replace")
        for code in codes
        if code.CustomCode() is not None or custom in (code.BuiltinCode(), code.DeprecatedBuiltinCode())
    }
    if bad:
        return None, sorted(bad)
    # without delegates: by default, the delegate for TensorFlow's operations would be added
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the interpreter warns that it will move to a separate package
        return tf.lite.Interpreter(model_content=blob, experimental_op_resolver_type=resolver), []


@probe
def run_tflite(open_tflite: Any, as_array: Any, blob: bytes, batches: Any) -> Any:
    """Run a TFLite model on batches, each a list of inputs. The model's inputs are resized if a batch needs it."""
    interpreter, bad = open_tflite(blob)
    if bad:
        return "refused", bad
    done = []
    for batch in batches:
        inputs = interpreter.get_input_details()
        if len(inputs) != len(batch):
            raise ValueError(f"the model takes {len(inputs)} inputs, not {len(batch)}")
        for about, value in zip(inputs, batch, strict=True):
            if list(about["shape"]) != list(value.shape):
                interpreter.resize_tensor_input(about["index"], value.shape, strict=True)
        interpreter.allocate_tensors()
        for about, value in zip(inputs, batch, strict=True):
            interpreter.set_tensor(about["index"], value)
        interpreter.invoke()
        done.append([as_array(interpreter.get_tensor(about["index"])) for about in interpreter.get_output_details()])
    return "done", done


@probe
def describe_tflite(open_tflite: Any, blob: bytes) -> Any:
    """Describe the inputs and outputs of a TFLite model."""
    interpreter, bad = open_tflite(blob)
    if bad:
        return "refused", bad

    def described(about: Any) -> dict[str, Any]:
        scale, zero_point = about["quantization"]
        return {
            "name": about["name"],
            "shape": [int(n) for n in about["shape_signature"]],
            "dtype": about["dtype"].__name__,
            "scale": float(scale),
            "zero_point": int(zero_point),
        }

    return "done", {
        "inputs": [described(about) for about in interpreter.get_input_details()],
        "outputs": [described(about) for about in interpreter.get_output_details()],
    }


@probe
def read_state_dict(blob: bytes) -> dict[str, Any]:
    """The tensors of a state_dict by name, as arrays."""
    import io
    import pickle

    import torch

    try:
        state = torch.load(io.BytesIO(blob), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        said = str(error).split("WeightsUnpickler error:")[-1].strip().splitlines() or [type(error).__name__]
        raise ValueError(f"torch.load(weights_only=True) does not read it: {said[0][:300]}") from None
    if not isinstance(state, dict):
        raise TypeError(f"a state_dict is a dict of tensors by name, not a {type(state).__name__}")
    arrays = {}
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise TypeError(f"a state_dict is a dict of tensors by name, but {name!r} has a {type(tensor).__name__}")
        tensor = tensor.detach()
        arrays[name] = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return arrays


@probe
def read_folder(path: str, most_bytes: int = 64 << 20, most_files: int = 1000) -> dict[str, bytes]:
    """The files in a folder that the notebook wrote, by relative path: ``student.run(read_folder, "model")``.

    The result is only the claim of the student's process. :meth:`CleanRoom.saved_model` checks names and sizes again.

    Raises
    ------
    ValueError
        in the student's kernel: for a link, a device, a folder elsewhere, more than ``most_bytes`` or ``most_files``.
    FileNotFoundError
        when there is no such folder.
    """
    import os
    import stat
    import tempfile

    top = os.path.abspath(path)
    homes = [os.path.realpath(folder) for folder in (os.getcwd(), tempfile.gettempdir())]
    if not any(os.path.commonpath([home, os.path.realpath(top)]) == home for home in homes):
        raise ValueError(f"'{path}' does not lie in the notebook's folder")
    if os.path.islink(top):
        raise ValueError(f"'{path}' is a symbolic link")
    if not os.path.isdir(top):
        raise FileNotFoundError(f"there is no folder '{path}'")
    found: dict[str, bytes] = {}
    size = 0
    for folder, folders, names in os.walk(top):
        for name in sorted(folders + names):
            where = os.path.join(folder, name)
            shown = os.path.relpath(where, top)
            about = os.lstat(where)
            if stat.S_ISLNK(about.st_mode):
                raise ValueError(f"'{shown}' in '{path}' is a symbolic link")
            if stat.S_ISDIR(about.st_mode):
                continue
            if not stat.S_ISREG(about.st_mode):
                raise ValueError(f"'{shown}' in '{path}' is no regular file")
            size += about.st_size
            if size > most_bytes:
                raise ValueError(f"'{path}' holds more than {most_bytes >> 20} MiB")
            if len(found) == most_files:
                raise ValueError(f"'{path}' holds more than {most_files} files")
            with open(where, "rb") as file:
                found[shown] = file.read(about.st_size)
    return found
