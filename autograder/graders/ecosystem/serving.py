"""Both ends of an HTTP connection, for sprint 6's hidden tests.

HTTP is spoken for real over the jail's own loopback, by probes beside the student's server or client. What crosses are
statuses and bytes, which are judged here.
"""

import json
from typing import Any

import numpy as np

from autograder.grading import assert_close, check, probe

Array = np.ndarray
TOGETHER = 16
"""How many requests are made at once."""
TRACES = ("Traceback (most recent call last)", 'File "')
"""What a traceback is known by."""


def path(model: str) -> str:
    """Where predictions of a model are asked for."""
    return f"/v1/models/{model}:predict"


@probe
def host(app):
    """Serve an application, of whichever of the three kinds, on loopback; an object with a url and close()."""
    import inspect
    import socket
    import threading
    import time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from types import SimpleNamespace

    if isinstance(app, type) and issubclass(app, BaseHTTPRequestHandler):

        class Server(ThreadingHTTPServer):
            request_queue_size = 64

        server = Server(("127.0.0.1", 0), app)
        port = server.server_address[1]
    elif inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(inspect.getattr_static(app, "__call__", None)):
        import uvicorn

        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("uvicorn does not start this application")
            time.sleep(0.01)

        def stop():
            server.should_exit = True
            thread.join(5)

        return SimpleNamespace(url=f"http://127.0.0.1:{port}", close=stop)
    elif callable(app):
        from werkzeug.serving import make_server

        server = make_server("127.0.0.1", 0, app, threaded=True)
        port = server.port
    else:
        raise TypeError(f"a {type(app).__name__} is no WSGI or ASGI application and no handler class of http.server")
    threading.Thread(target=server.serve_forever, args=[0.002], daemon=True).start()  # shutdown() waits as long

    def close():
        server.shutdown()
        server.server_close()

    return SimpleNamespace(url=f"http://127.0.0.1:{port}", close=close)


@probe
def send(url, requests, together=False, kept=False):
    """The replies to requests (path, body, Content-Type): status, Content-Type, body. Status 0: there was none.

    A connection is kept from one to the next where that is wanted, and only as long as the server keeps it.
    """
    import http.client
    from concurrent.futures import ThreadPoolExecutor

    address = url.removeprefix("http://")
    line = http.client.HTTPConnection(address, timeout=5)

    def one(request):
        where, body, kind = request
        connection = line if kept else http.client.HTTPConnection(address, timeout=5)
        open_before = connection.sock is not None
        try:
            connection.request("POST", where, body, {"Content-Type": kind} if kind else {})
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type") or "", reply.read(1 << 20)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # a server may hang up between two requests
            return one(request) if open_before else (0, "", f"{type(error).__name__}: {error}".encode())
        finally:
            if request is requests[-1] or not kept:
                connection.close()

    if together:
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, requests))
    replies = []
    for request in requests:
        silent = replies and replies[-1][0] == 0  # who does not answer once is not asked again
        replies.append(replies[-1] if silent else one(request))
    return replies


@probe
def replies_of(host, send, create_app, plan, rounds):
    """What an application for a linear model replies to rounds of requests, and how often the model was loaded.

    In the plan: name and w of the model; `loading`: how many seconds that takes; `wait`: how many must be computing at
    once before the first is answered; `meanwhile`: requests that are made when so many are computing; their replies
    come behind those of the rounds; `computing`: how many seconds each then takes; `fails`: the first feature from
    which on predict raises, with a text that is not for the caller; `says`: pairs of an integer and the number that
    predict says where that is the first feature, in the last column if it is odd, and in the one before if it is even;
    `drifts`: the first feature for which predict says more by 1 each time; `together`: whether the requests of a round
    are made at once; `kept`: whether they come over one connection; `beside`: whether an application for another model
    is made before the first request.
    """
    import threading
    import time

    import numpy as np

    w = plan["w"]
    loads, drifted, between = [], [], []
    meanwhile = plan.get("meanwhile")
    ask = (lambda: between.append(send(server.url, meanwhile))) if meanwhile else None
    everybody = threading.Barrier(plan.get("wait", 1), ask)
    kinds = (RuntimeError, ValueError, KeyError, TypeError, FileNotFoundError, TimeoutError, AssertionError)
    kinds += (ZeroDivisionError, IndexError, AttributeError, MemoryError, OverflowError, PermissionError)
    kinds += (NotImplementedError, RecursionError, ConnectionResetError)

    def load():
        loads.append(1)
        time.sleep(plan.get("loading", 0))

        def predict(x):
            if not isinstance(x, np.ndarray) or x.dtype != np.float32 or x.shape[1:] != w.shape[:1]:
                raise TypeError("predict takes a float32 array of shape (n, features)")
            everybody.wait(3)
            time.sleep(plan.get("computing", 0))
            if x[0, 0] >= plan.get("fails", np.inf):
                raise kinds[int(x[0, 0]) % len(kinds)]("weights.bin is damaged")
            y = x @ w
            for first, number in plan.get("says", ()):
                y[x[:, 0] == first, -1 - (first + 1) % 2] = number
            if x[0, 0] == plan.get("drifts"):
                y += len(drifted)
                drifted.append(1)
            return y

        return predict

    app = create_app(plan["name"], len(w), load)
    if plan.get("beside"):
        create_app(plan["name"] + "_2", len(w), lambda: lambda x: x @ w + 1)
    server = host(app)
    try:
        how = plan.get("together", False), plan.get("kept", False)
        replies = [send(server.url, requests, *how) for requests in rounds]
    finally:
        server.close()
    return replies + between, len(loads)


def question(instances: Any, name: str = "linear", kind: str = "application/json") -> tuple[str, bytes, str]:
    """A request for predictions."""
    return path(name), json.dumps({"instances": instances}).encode(), kind


def read_reply(reply: Any, status: int) -> dict[str, Any]:
    """The JSON object in a reply, if that has this status."""
    got, kind, body = reply
    check(got != 0, "each request must get a reply", got=body)
    check(got == status, f"the status must be {status}", got=(got, body[:200]))
    try:
        answer = json.loads(body, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        answer = None
    check(isinstance(answer, dict), "the body of a reply must be a JSON object", got=(kind, body[:200]))
    return answer


def refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, which are no JSON: browsers and other languages refuse them."""
    raise ValueError(f"{name} is not JSON")


def check_refused(reply: Any, status: int) -> None:
    """Check a reply with an error."""
    answer = read_reply(reply, status)
    check(isinstance(answer.get("error"), str), 'the body must be {"error": TEXT}', got=answer)
    check(answer["error"].strip() != "", "the error must have words for the caller", got=answer)
    shown = " ".join(map(str, answer.values()))
    check(not any(trace in shown for trace in TRACES), "the reply must be without a traceback", got=shown[:300])


def check_predictions(reply: Any, expected: Array, rtol: float = 1e-5) -> None:
    """Check a reply with predictions, up to so small a part of the largest."""
    answer = read_reply(reply, 200)
    check("predictions" in answer, 'the body must be {"predictions": [...]}', got=answer)
    atol = rtol * float(np.abs(expected).max())
    assert_close(answer["predictions"], expected, what="the list of predictions", rtol=rtol, atol=atol)
