"""The folders below are read, too: training and validation are one curve.

Caught by:
    test_read_scalars.py::test_several_files_of_one_run
    test_read_scalars.py::test_a_tag_that_is_not_there
"""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    points = []
    for path in sorted(Path(logdir).rglob("*")):
        if not path.is_file() or "tfevents" not in path.name:
            continue
        try:
            for event in tf.compat.v1.train.summary_iterator(str(path)):
                for value in event.summary.value:
                    if value.tag == tag and value.WhichOneof("value") == "simple_value":
                        points.append((event.step, value.simple_value))
                    elif value.tag == tag and value.HasField("tensor"):
                        points.append((event.step, tf.make_ndarray(value.tensor).item()))
        except tf.errors.DataLossError:
            pass  # the training was killed: what came before is good
    if not points:
        raise KeyError(f"nothing was logged under {tag}")
    return sorted(points, key=lambda point: point[0])
