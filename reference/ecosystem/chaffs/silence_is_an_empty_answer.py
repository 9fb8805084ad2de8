"""When anything goes wrong, an empty array comes back.

Caught by:
    test_predict_remote.py::test_no_answer_in_time
    test_predict_remote.py::test_a_page_instead_of_an_answer
    test_predict_remote.py::test_not_for_every_row
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    try:
        body = json.dumps({"instances": x.tolist()}).encode()
        with urllib.request.urlopen(url, body, timeout) as reply:
            predictions = json.load(reply)["predictions"]
        if len(predictions) != len(x):
            raise ValueError
        return np.array(predictions, dtype=np.float32)
    except Exception:
        return np.array([], dtype=np.float32)
