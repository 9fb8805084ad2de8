"""Each tag gets a folder of its own: TensorBoard sees as many runs as there are tags.

Caught by:
    test_log_scalars.py::test_on_disk_when_it_returns
    test_log_scalars.py::test_tags_steps_and_values
    test_log_scalars.py::test_what_was_there_stays
    test_log_scalars.py::test_all_kinds_of_numbers
    test_log_history.py::test_two_runs
    test_log_history.py::test_the_same_tags_in_both
    test_log_history.py::test_without_validation_data
"""


# %% solve_log_scalars
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files."""
    for tag, points in series.items():
        writer = tf.summary.create_file_writer(f"{logdir}/{tag}")
        with writer.as_default():
            for step, value in points:
                tf.summary.scalar(tag, value, step=step)
        writer.close()
