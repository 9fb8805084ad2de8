"""Each row is asked for by itself.

Caught by:
    test_predict_remote.py::test_the_question
    test_predict_remote.py::test_not_for_every_row
    test_predict_remote.py::test_predictions_as_an_array
    test_predict_remote.py::test_a_page_instead_of_an_answer
    test_predict_remote.py::test_no_answer_in_time
"""


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    rows = []
    for row in x:
        with urllib.request.urlopen(url, json.dumps({"instances": [row.tolist()]}).encode(), timeout) as reply:
            rows.append(json.load(reply)["predictions"][0])
    return np.array(rows, dtype=np.float32)
