"""The demo's student with two tasks wrong: every value at step 0, and a client that never gives up.

Caught by:
    test_log_scalars.py::test_tags_steps_and_values
    test_log_scalars.py::test_what_was_there_stays
    test_log_scalars.py::test_all_kinds_of_numbers
    test_log_history.py::test_steps_are_epochs
    test_predict_remote.py::test_no_answer_in_time
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


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    body = json.dumps({"instances": x.tolist()}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        answer = json.load(reply)
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise ValueError(f"{url} did not send {len(x)} predictions")
    return np.array(predictions, dtype=np.float32)
