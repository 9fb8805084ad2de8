"""Applications, servers and clients of the grader's own, for the hidden tests of tasks 8 and 9 of sprint 6.

Probes run beside the student's code, in the jail's own network.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from autograder.grading import check, probe


@probe
def application_like(create_app, wait, starting=0):
    """An application of the kind that create_app makes, which replies when `wait` requests are there at once.

    If it is an ASGI application, it takes so many seconds to start.

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
                await asyncio.sleep(starting)
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
def settings(anew=False):
    """What holds for the whole process: the default timeout of sockets, what happens at an alarm; set anew if wanted.

    An earlier cell or test may have called what changes them.
    """
    import signal
    import socket

    if anew:
        socket.setdefaulttimeout(61)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return [socket.getdefaulttimeout(), str(signal.getsignal(signal.SIGALRM))]


@contextlib.contextmanager
def settings_kept(student: Any) -> Iterator[None]:
    """Check that what happens inside leaves what holds for the whole process as it was."""
    before = student.run(settings, True)
    yield
    after = student.run(settings)
    check(after == before, "the default timeout of sockets and the handler of alarms must be as before", got=after)


@probe
def notes():
    """A function that takes a note, and one that returns them all."""
    taken = []
    return taken.append, lambda: list(taken)


@probe
def ask_a_server(predict_remote, x, timeout, w, behaviour, note):
    """What predict_remote returns of a server that predicts x @ w and notes each request: method, path, body.

    Its behaviour: `status`, `body` (instead of predictions), `only` (how many predictions), `late` (seconds before the
    reply), `begun` (whether the head of the reply is sent before the wait), `missing` (how many bytes more its head
    promises). With `times`, it is asked so often, by a thread; with `before`, it has been asked once with this timeout,
    and was not late; with `missed`, it has been asked for other rows with this timeout, and is late no more.
    """
    import contextlib
    import json
    import threading
    from concurrent.futures import ThreadPoolExecutor
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
            self.send_header("Content-Length", str(len(body) + behaviour.get("missing", 0)))
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
        if "missed" in behaviour:
            with contextlib.suppress(Exception):
                predict_remote(address, x[::-1].copy(), behaviour["missed"])
            behaviour["late"] = 0
        with ThreadPoolExecutor(1) as pool:
            for _ in range(behaviour.get("times", 0)):
                result = pool.submit(predict_remote, address, x, timeout).result()
        return result if "times" in behaviour else predict_remote(address, x, timeout)
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
