"""The client waits for a tenth of a second, whatever it was told.

Caught by:
    test_predict_remote.py::test_waits_as_long_as_it_may
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    body = json.dumps({"instances": x.tolist()}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=0.1) as reply:
        answer = json.load(reply)
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise ValueError(f"{url} did not send {len(x)} predictions")
    return np.array(predictions, dtype=np.float32)
