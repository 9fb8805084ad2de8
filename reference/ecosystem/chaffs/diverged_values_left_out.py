"""What is not finite is not logged: the curve of a training that diverged just ends.

Caught by:
    test_log_scalars.py::test_all_kinds_of_numbers
"""


# %% solve_log_scalars
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files."""
    writer = tf.summary.create_file_writer(logdir)
    with writer.as_default():
        for tag, points in series.items():
            for step, value in points:
                if np.isfinite(value):
                    tf.summary.scalar(tag, value, step=step)
    writer.close()
