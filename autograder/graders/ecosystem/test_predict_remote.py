"""Hidden tests of task 9: a client, against servers of ours on the loopback interface of the jail."""

import json
import time

import numpy as np
import pytest

from autograder.graders.ecosystem.loopback import ask_a_server, notes, settings_kept
from autograder.graders.ecosystem.oracles import close, floats, singles
from autograder.graders.ecosystem.serving import path
from autograder.grading import assert_close, check, raises, value

PAGE = b"<!doctype html><html><body><h1>Please log in</h1></body></html>"
NO_ANSWER = ("OSError", "ValueError", "RuntimeError", "KeyError", "TypeError")


def asked(student, x, w, timeout=30.0, **behaviour):
    """What came of predict_remote, and the requests that the server has got."""
    note, noted = student.run(notes)
    result = student.run(ask_a_server, student.predict_remote, x, timeout, w, behaviour, note)
    return result, value(noted())


def check_no_answer(student, x, w, kinds, timeout=30.0, **behaviour):
    """Check that predict_remote raises one of these exceptions, after one request beside that before."""
    note, noted = student.run(notes)
    with raises(*kinds):
        student.run(ask_a_server, student.predict_remote, x, timeout, w, behaviour, note)
    count = len(value(noted())) - ("before" in behaviour)
    check(count == 1, "one request must be made, also where no answer comes", got=count)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import suppress\n"
    "\n"
    "asked = []\n"
    "\n"
    "class Noted(BaseHTTPRequestHandler):\n"
    "    def do_POST(self):\n"
    '        asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))\n'
    "\n"
    'with HTTPServer(("127.0.0.1", 0), Noted) as server, suppress(Exception):  # it does not reply\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/"\n'
    '    predict_remote(url, np.array([[1, 2], [3, 4]], "float32"), timeout=2)\n'
    "asked",
    gives=[{"instances": [[1.0, 2.0], [3.0, 4.0]]}],
)
def test_the_question(student, rng):
    """One POST is made to the url, with all rows of x as instances.

    Hint: {"instances": x.tolist()} as JSON.
    """
    x, w = singles(rng, 4, 3) * np.float32(1e-6), singles(rng, 3, 2)
    x[0, 0] = 1.0000046e-6  # seven digits are not enough
    _, requests = asked(student, x, w, times=2)
    made = [request[0] for request in requests]
    check(len(made) == 2, "two calls with the same x must make two requests, one each", got=made)
    method, where, body = requests[0]
    check((method, where) == ("POST", path("linear")), "it must be posted to the url", got=(method, where))
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    check(isinstance(said, dict) and "instances" in said, 'the body must be {"instances": [...]}', got=body[:200])
    assert_close(said["instances"], x, what="the list of instances", rtol=1e-7, atol=0)


@pytest.mark.points(0.5)
@pytest.mark.example(
    'with HTTPServer(("127.0.0.1", 0), Sum) as server:  # Sum is in the checks\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/v1/models/sum:predict"\n'
    '    answer = predict_remote(url, np.array([[1, 2], [3, 4]], "float32"), timeout=5)\n'
    '{"type": type(answer).__name__, "numbers": np.asarray(answer).tolist()}',
    gives={"type": "ndarray", "numbers": [[3.0], [7.0]]},
)
def test_predictions_as_an_array(student, rng):
    """The predictions come back as an array of floats, in the order of x, also where they are whole numbers.

    Hint: np.array of the list in "predictions", with a dtype: numpy makes integers of whole numbers.
    """
    whole = [[3], [7]]
    long = b" " * (1 << 20) + json.dumps({"version": [1, 2], "predictions": whole}).encode()
    for rows, body in ((1, None), (307, None), (2, long)):
        x, w = singles(rng, rows, 3), singles(rng, 3, 2).astype(float) * 1e-6
        result, requests = asked(student, x, w, body=body)
        floats(result)
        what = f"the array of predictions for {rows} rows"
        assert_close(result, np.array(whole) if body else x @ w, what=what, rtol=1e-5, atol=1e-11)
        check(len(requests) == 1, f"one request must be made for {rows} rows", got=len(requests))


@pytest.mark.points(1)
@pytest.mark.example(
    "import time\n"
    "\n"
    "class Late(Sum):  # Sum is in the checks\n"
    "    def do_POST(self):\n"
    "        time.sleep(1)\n"
    "        super().do_POST()\n"
    "\n"
    'with HTTPServer(("127.0.0.1", 0), Late) as server:\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/v1/models/sum:predict"\n'
    '    answer = predict_remote(url, np.array([[1, 2], [3, 4]], "float32"), timeout=0.2)\n'
    "answer",
    raises="OSError",
)
def test_no_answer_in_time(student, rng):
    """When no answer comes in time, the client gives up with an exception.

    Hint: every library has a timeout; most of them wait for ever without one. Each call has its own.
    """
    x, w = singles(rng, 2, 3), singles(rng, 3, 2)
    waited = []
    for behaviour in ({"begun": False}, {"begun": True}, {"before": 30.0}):
        before = time.monotonic()
        check_no_answer(student, x, w, ["OSError"], timeout=0.1, late=3.0, **behaviour)
        waited.append(time.monotonic() - before)
    check(min(waited) < 0.9, "the client must give up after the tenth of a second that is its timeout here")
    with raises(*NO_ANSWER):  # nobody listens at this port
        student.predict_remote(f"http://127.0.0.1:1{path('linear')}", x, 5.0)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "import time\n"
    "\n"
    "class Late(Sum):  # Sum is in the checks\n"
    "    def do_POST(self):\n"
    "        time.sleep(0.3)\n"
    "        super().do_POST()\n"
    "\n"
    'with HTTPServer(("127.0.0.1", 0), Late) as server:\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/v1/models/sum:predict"\n'
    '    answer = predict_remote(url, np.array([[1, 2], [3, 4]], "float32"), timeout=5)\n'
    "answer",
    gives=[[3.0], [7.0]],
)
def test_waits_as_long_as_it_may(student, rng):
    """An answer that comes late, but in time, is an answer, also behind a call that got none, and in a thread.

    Hint: the timeout is the caller's to choose, and holds for this call: neither for all sockets nor for the process.
    """
    x, w = singles(rng, 2, 3), singles(rng, 3, 2)
    with settings_kept(student):
        for behaviour in ({"late": 0.25, "times": 1}, {"late": 3.0, "missed": 0.1}):
            result, _ = asked(student, x, w, timeout=30.0, **behaviour)
            close(result, x @ w, "the predictions")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Page(BaseHTTPRequestHandler):\n"
    "    def do_POST(self):\n"
    '        self.rfile.read(int(self.headers["Content-Length"]))\n'
    '        self.wfile.write(b"HTTP/1.0 200 OK\\r\\n\\r\\n<h1>Log in</h1>")\n'
    "\n"
    'with HTTPServer(("127.0.0.1", 0), Page) as server:\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/"\n'
    "    try:\n"
    '        got = predict_remote(url, np.ones([2, 2], "float32"), timeout=5)\n'
    "    except Exception:\n"
    '        got = "refused"\n'
    "got",
    gives="refused",
)
def test_a_page_instead_of_an_answer(student, rng):
    """A page in HTML, JSON without predictions, or a reply that is cut short is no answer: an exception.

    Hint: let json.loads raise, and look for "predictions" yourself. Where less comes than the head of the reply
    promises, http.client raises IncompleteRead; let it.
    """
    x, w = singles(rng, 2, 3), singles(rng, 3, 2)
    close(asked(student, x, w)[0], x @ w, "the predictions of a server that has them")
    bodies = [PAGE, b"", b'{"error": "busy"}', b'{"predictions": null}', b'{"predictions": "no"}']
    bodies += [b"[]", b"[[1.0], [2.0]]", b'{"outputs": [[1.0], [2.0]]}', b"null", b'{"predictions": [["a"], ["b"]]}']
    for body in bodies:
        kind = "text/html" if body is PAGE else "application/json"
        check_no_answer(student, x, w, NO_ANSWER, body=body, type=kind)
    check_no_answer(student, x, w, (*NO_ANSWER, "HTTPException"), missing=9)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class One(BaseHTTPRequestHandler):\n"
    "    def do_POST(self):\n"
    '        self.rfile.read(int(self.headers["Content-Length"]))\n'
    "        self.wfile.write(b'HTTP/1.0 200 OK\\r\\n\\r\\n{\"predictions\": [[3]]}')\n"
    "\n"
    'with HTTPServer(("127.0.0.1", 0), One) as server:\n'
    "    threading.Thread(target=server.handle_request, daemon=True).start()\n"
    '    url = f"http://127.0.0.1:{server.server_port}/"\n'
    "    try:\n"
    '        got = predict_remote(url, np.ones([2, 2], "float32"), timeout=5)\n'
    "    except Exception:\n"
    '        got = "refused"\n'
    "got",
    gives="refused",
)
def test_not_for_every_row(student, rng):
    """Fewer or more predictions than rows, or another status than 200, are no answer: an exception.

    Hint: compare the number of predictions with len(x).
    """
    x, w = singles(rng, 3, 3), singles(rng, 3, 2)
    close(asked(student, x, w)[0], x @ w, "the predictions of a server that has them")
    three = {"predictions": (x @ w).tolist()}
    for only in (2, 1, 0):
        check_no_answer(student, x, w, NO_ANSWER, only=only)
    for rows in ([[0.0, 0.0]] * 6, [[0.0, 0.0, 0.0]] * 2):  # they could be put in the shape of three rows
        check_no_answer(student, x, w, NO_ANSWER, body=json.dumps({"predictions": rows}).encode())
    for status in (201, 202, 206, 404, 500, 503):
        check_no_answer(student, x, w, NO_ANSWER, status=status, body=json.dumps(three).encode())
