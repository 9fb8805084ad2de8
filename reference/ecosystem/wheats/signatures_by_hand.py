"""A tf.Module with a signature of its own, converters of concrete functions, each run with its own writer."""


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    from torch.utils.tensorboard import SummaryWriter

    writers = {}
    for name, values in history.items():
        run = "validation" if name[:4] == "val_" else "train"
        if run not in writers:
            writers[run] = SummaryWriter(f"{logdir}/{run}")
        for epoch in range(len(values)):
            writers[run].add_scalar(name[4:] if name[:4] == "val_" else name, values[epoch], epoch, new_style=True)
    for writer in writers.values():
        writer.close()


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    version = 1
    folder = Path(base)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        try:
            version = max(version, int(path.name) + 1)
        except ValueError:
            continue
    module = tf.Module()
    module.variables_of_the_model = [v.value for v in model.variables]
    spec = tf.TensorSpec(model.input_shape, tf.float32, name="x")
    call = tf.function(lambda x: {"logits": model(x, training=False)}, input_signature=[spec])
    tf.saved_model.save(module, str(folder / str(version)), signatures={"serving_default": call})
    return version


# %% solve_tflite
def to_tflite(model):
    """Convert a Keras model to TensorFlow Lite, without quantization."""
    weights = [tf.constant(v.numpy()) for v in model.variables]
    spec = tf.TensorSpec(model.input_shape, tf.float32)
    call = tf.function(lambda x: model(x, training=False), input_signature=[spec]).get_concrete_function()
    del weights
    return tf.lite.TFLiteConverter.from_concrete_functions([call]).convert()


def run_tflite(blob, batch):
    """Run a TensorFlow Lite model on a batch."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=blob)
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], batch.shape)
    interpreter.allocate_tensors()
    if given["dtype"] == np.int8:
        scale, zero_point = given["quantization"]
        batch = np.clip(np.round(batch / scale) + zero_point, -128, 127).astype(np.int8)
    interpreter.set_tensor(given["index"], batch)
    interpreter.invoke()
    result = interpreter.get_tensor(wanted["index"])
    if wanted["dtype"] == np.int8:
        scale, zero_point = wanted["quantization"]
        result = scale * (result.astype(np.float32) - zero_point)
    return result


# %% solve_parity
def parity(ways, x):
    """How far apart several ways of computing the same model are."""
    names = list(ways)
    first = np.array(ways[names[0]](x))
    result = {}
    for name in names[1:]:
        other = np.array(ways[name](x))
        if other.shape != first.shape or np.isnan(first).any() or np.isnan(other).any():
            result[name] = float("inf")
        else:
            result[name] = np.max(np.abs(first - other))
    return result
