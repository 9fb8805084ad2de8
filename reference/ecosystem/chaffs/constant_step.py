"""Every value is logged at step 0: the curve is a heap of points.

Caught by:
    test_log_scalars.py::test_tags_steps_and_values
    test_log_scalars.py::test_what_was_there_stays
    test_log_scalars.py::test_all_kinds_of_numbers
    test_log_history.py::test_steps_are_epochs
"""


# %% solve_log_scalars
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files."""
    writer = tf.summary.create_file_writer(logdir)
    with writer.as_default():
        for tag, points in series.items():
            for step, value in points:
                tf.summary.scalar(tag, value, step=0)
    writer.close()
