"""Only plain numbers are read: of TensorFlow's logs nothing is found.

Caught by:
    test_read_scalars.py::test_files_of_tensorflow
    test_read_scalars.py::test_long_curves
"""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(logdir), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
    log.Reload()
    kept, points = log.Tags(), []
    if tag in kept["scalars"]:
        points += [(event.step, event.value) for event in log.Scalars(tag)]
    if not points:
        raise KeyError(tag)
    return sorted(points, key=lambda point: point[0])
