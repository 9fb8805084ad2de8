"""The clean room's probe for TensorBoard's event files.

An event file is a sequence of records. Each record has its length, two checksums and one ``Event`` in protobuf's
encoding. TensorFlow's own reader parses them in the jail; only names and numbers are sent back.
"""

from __future__ import annotations

from typing import Any

from autograder.grading.probes import probe

MAX_VALUES = 50_000
"""The most logged values that are read. This many fit into one message with room to spare."""


@probe
def read_events(files: dict[str, bytes], most_values: int) -> dict[str, list[tuple[str, int, float | None]]]:
    """The content of the event files among these: for each folder, tag, step and value of every logged value, in order.

    A value that is not a scalar, such as a histogram, is None. As in TensorBoard, an event file has ``tfevents`` in its
    name, and the files of one folder are read in the order of their names.
    """
    import os
    import tempfile

    import tensorflow as tf

    def scalar(value: Any) -> float | None:
        if value.WhichOneof("value") == "simple_value":
            return float(value.simple_value)
        # PyTorch writes scalars as above; TensorFlow 2 writes tensors that name the plugin that shows them
        if value.WhichOneof("value") != "tensor" or value.metadata.plugin_data.plugin_name not in ("", "scalars"):
            return None
        array = tf.make_ndarray(value.tensor)
        return float(array) if array.shape == () and array.dtype.kind in "biuf" else None

    runs: dict[str, list[tuple[str, int, float | None]]] = {}
    left = most_values
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(sorted(files)):
            run, _, base = name.rpartition("/")
            if "tfevents" not in base:
                continue
            path = os.path.join(folder, str(number))
            with open(path, "wb") as file:
                file.write(files[name])
            values = runs.setdefault(run, [])
            names: dict[str, object] = {}  # only the first value of a tag names the plugin
            try:
                for event in tf.compat.v1.train.summary_iterator(path):
                    for value in event.summary.value:
                        if value.HasField("metadata"):
                            names[value.tag] = value.metadata
                        elif value.tag in names:
                            value.metadata.CopyFrom(names[value.tag])
                        left -= 1
                        if left < 0:
                            raise ValueError(f"the event files hold more than {most_values} values")
                        values.append((value.tag, event.step, scalar(value)))
            except tf.errors.DataLossError:
                raise ValueError(f"the event file {base[:80]} is damaged, or cut off") from None
    return runs
