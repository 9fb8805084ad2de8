"""The predictions come back as a list.

Caught by:
    test_predict_remote.py::test_predictions_as_an_array
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    body = json.dumps({"instances": x.tolist()}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        answer = json.load(reply)
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise ValueError(f"{url} did not send {len(x)} predictions")
    return predictions
