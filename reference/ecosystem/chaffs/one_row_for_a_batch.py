"""x is sent as one instance.

Caught by:
    test_predict_remote.py::test_the_question
    test_predict_remote.py::test_predictions_as_an_array
    test_predict_remote.py::test_waits_as_long_as_it_may
    test_predict_remote.py::test_a_page_instead_of_an_answer
    test_predict_remote.py::test_not_for_every_row
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    body = json.dumps({"instances": [x.ravel().tolist()]}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        answer = json.load(reply)
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise ValueError(f"{url} did not send {len(x)} predictions")
    return np.array(predictions, dtype=np.float32)
