"""A tag that is not there gives an empty list.

Caught by:
    test_read_scalars.py::test_a_tag_that_is_not_there
"""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(logdir, size_guidance={"scalars": 0, "tensors": 0})
    log.Reload()
    kept = log.Tags()
    points = [(event.step, event.value) for event in log.Scalars(tag)] if tag in kept["scalars"] else []
    if tag in kept["tensors"]:
        points += [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in log.Tensors(tag)]
    return sorted(points, key=lambda point: point[0])
