"""Only plain numbers are read: of TensorFlow's logs nothing is found.

Caught by:
    test_read_scalars.py::test_files_of_tensorflow
    test_read_scalars.py::test_long_curves
    test_read_scalars.py::test_several_files_of_one_run
"""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(logdir, size_guidance={"scalars": 0, "tensors": 0})
    log.Reload()
    kept = log.Tags()
    points = [(event.step, event.value) for event in log.Scalars(tag)] if tag in kept["scalars"] else []
    if not points:
        raise KeyError(tag)
    return sorted(points, key=lambda point: point[0])
