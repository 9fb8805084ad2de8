"""A page without predictions is an answer without rows.

Caught by:
    test_predict_remote.py::test_a_page_instead_of_an_answer
    test_predict_remote.py::test_not_for_every_row
    test_predict_remote.py::test_predictions_as_an_array
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    body = json.dumps({"instances": x.tolist()}).encode()
    with urllib.request.urlopen(url, body, timeout) as reply:
        text = reply.read()
    answer = json.loads(text) if text.startswith(b"{") else {}
    return np.array(answer.get("predictions") or [], dtype=np.float32)
