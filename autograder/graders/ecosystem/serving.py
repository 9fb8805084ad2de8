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
def send(url, requests, together=False):
    """The replies to requests (path, body, Content-Type): status, Content-Type, body. Status 0: there was none."""
    import http.client
    from concurrent.futures import ThreadPoolExecutor

    address = url.removeprefix("http://")

    def one(request):
        where, body, kind = request
        connection = http.client.HTTPConnection(address, timeout=5)
        try:
            connection.request("POST", where, body, {"Content-Type": kind} if kind else {})
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type") or "", reply.read(1 << 20)
        except (OSError, http.client.HTTPException) as error:
            return 0, "", f"{type(error).__name__}: {error}".encode()
        finally:
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
    once before the first is answered; `computing`: how many seconds each then takes; `fails`: the first feature from
    which on predict raises, with a text that is not for the caller; `says`: pairs of an integer and the number that
    predict says where that is the first feature, in the last column if it is odd, and in the one before if it is even;
    `together`: whether the requests of a round are made at once; `beside`: whether an application for another model is
    made before the first request.
    """
    import threading
    import time

    import numpy as np

    w = plan["w"]
    everybody = threading.Barrier(plan.get("wait", 1))
    loads = []
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
            return y

        return predict

    app = create_app(plan["name"], len(w), load)
    if plan.get("beside"):
        create_app(plan["name"] + "_2", len(w), lambda: lambda x: x @ w + 1)
    server = host(app)
    try:
        replies = [send(server.url, requests, plan.get("together", False)) for requests in rounds]
    finally:
        server.close()
    return replies, len(loads)


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


@probe
def application_like(create_app, wait):
    """An application of the kind that create_app makes, which replies when `wait` requests are there at once.

    It reads each request to its end and says how long the reply is. Or a server of HTTP/1.0 may wait for the rest of
    the request while the client waits for the end of the reply.
    """
    import asyncio
    import inspect
    import threading
    from concurrent.futures import ThreadPoolExecutor
    from http.server import BaseHTTPRequestHandler

    everybody = threading.Barrier(wait)
    made = create_app("m", 1, lambda: lambda x: x)

    def answer():
        try:
            return b"together" if everybody.wait(3) >= 0 else b""
        except threading.BrokenBarrierError:
            return b"alone"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = answer()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about):
            pass

    def wsgi(environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = answer()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    async def asgi(scope, receive, send):
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        body = await asyncio.get_running_loop().run_in_executor(pool, answer)
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    if isinstance(made, type) and issubclass(made, BaseHTTPRequestHandler):
        return Handler
    if inspect.iscoroutinefunction(made) or inspect.iscoroutinefunction(inspect.getattr_static(made, "__call__", None)):
        pool = ThreadPoolExecutor(wait)
        return asgi
    if callable(made):
        return wsgi
    raise TypeError(f"create_app returned a {type(made).__name__}, which is none of the three kinds of application")


@probe
def listening():
    """The addresses at which something listens here, as Linux lists them: address and port in hexadecimal."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except FileNotFoundError:
            continue
        found += [row[1] for row in rows if row[3] == "0A"]
    return found


@probe
def notes():
    """A function that takes a note, and one that returns them all."""
    taken = []
    return taken.append, lambda: list(taken)


@probe
def ask_a_server(predict_remote, x, timeout, w, behaviour, note):
    """What predict_remote returns of a server that predicts x @ w and notes each request: method, path, body.

    Its behaviour: `status`, `body` (instead of predictions), `only` (how many predictions), `late` (seconds before the
    reply), `begun` (whether the head of the reply is sent before the wait). With `times`, it is asked so often; with
    `before`, it has been asked once with this timeout, and was not late.
    """
    import contextlib
    import json
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    import numpy as np

    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            text, body = self.rfile.read(int(self.headers.get("Content-Length") or 0)), behaviour.get("body")
            note([self.command, self.path, text])
            if body is None:
                rows = np.array(json.loads(text)["instances"], dtype=np.float64)
                body = json.dumps({"predictions": (rows @ w).tolist()[: behaviour.get("only")]}).encode()
            if not behaviour.get("begun"):
                ended.wait(behaviour.get("late", 0))
            self.send_response(behaviour.get("status", 200))
            self.send_header("Content-Type", behaviour.get("type", "application/json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if behaviour.get("begun"):
                self.wfile.flush()
                ended.wait(behaviour.get("late", 0))
            with contextlib.suppress(OSError):  # the client may have given up
                self.wfile.write(body)

        def do_GET(self):
            note([self.command, self.path, b""])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *about):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, address):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.002], daemon=True).start()  # shutdown() waits as long
    try:
        address = f"http://127.0.0.1:{server.server_port}/v1/models/linear:predict"
        if "before" in behaviour:
            late = behaviour.pop("late", 0)
            predict_remote(address, x, behaviour["before"])
            behaviour["late"] = late
        return [predict_remote(address, x, timeout) for _ in range(behaviour.get("times", 1))][-1]
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
