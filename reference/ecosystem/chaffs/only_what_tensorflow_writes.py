"""Only tensors are read: of PyTorch's logs nothing is found.

Caught by:
    test_read_scalars.py::test_files_of_pytorch
    test_read_scalars.py::test_several_files_of_one_run
    test_read_scalars.py::test_a_file_that_is_cut_off
"""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(logdir, size_guidance={"scalars": 0, "tensors": 0})
    log.Reload()
    kept = log.Tags()
    points = []
    if tag in kept["tensors"]:
        points += [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in log.Tensors(tag)]
    if not points:
        raise KeyError(tag)
    return sorted(points, key=lambda point: point[0])
