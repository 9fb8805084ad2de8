"""Hidden tests of task 8: servers on the loopback interface of the jail, with applications of ours."""

import re
import time

import pytest

from autograder.graders.ecosystem.loopback import application_like, listening, settings_kept
from autograder.graders.ecosystem.serving import TOGETHER, send
from autograder.grading import check, probe

URL = re.compile(r"http://127\.0\.0\.1:(\d{1,5})")
ASK = ("/", b"{}", "text/plain")
LOOPBACK = ("0100007F", "00000000000000000000000001000000")


@probe
def started(serve, app):
    """What serve returns, or None when it does not come back."""
    from concurrent.futures import ThreadPoolExecutor

    try:
        return ThreadPoolExecutor(1).submit(serve, app).result(5)
    except TimeoutError:
        return None


@probe
def asked_at_once(started, send, serve, app, request):
    """The reply to a request that is made as soon as serve comes back."""
    server = started(serve, app)
    try:
        return send(server.url, [request])[0]
    finally:
        server.close()


@probe
def occupied(port):
    """Somebody who listens at this port, or None when it is taken already."""
    import socket

    try:
        return socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError):
        return None


@probe
def close_all(servers):
    import contextlib

    for server in servers:
        with contextlib.suppress(Exception):
            server.close()


class Servers:
    """Servers that the student's function starts, and that are closed at the end."""

    def __init__(self, student):
        self._student, self._started = student, []

    def __enter__(self):
        return self

    def __exit__(self, *about):
        self._student.run(close_all, self._started)

    def start(self, wait=1, again=False):
        """A server for an application that replies when so many requests are there; the server and its url.

        The application is a new one, or, again, that of the server before.
        """
        if not again:
            self._app = self._student.run(application_like, self._student.create_app, wait)
        server = self._student.run(started, self._student.serve, self._app)
        check(server is not None, "serve must come back while the server runs, with an object")
        self._started.append(server)
        url = server.url
        check(isinstance(url, str) and URL.fullmatch(url) is not None, "url must be http://127.0.0.1:PORT", got=url)
        return server, url

    def ask(self, url, times=1, together=False):
        """The statuses of the replies to so many requests, and their bodies."""
        replies = self._student.run(send, url, [ASK] * times, together)
        return [reply[0] for reply in replies], [reply[2] for reply in replies]

    def check_closed(self, url):
        """Check that nobody listens any more."""
        port = f":{int(url.rpartition(':')[2]):04X}"
        for _ in range(20):  # a thread of the server's may be about to give the port back
            found = [place for place in self._student.run(listening) if place.endswith(port)]
            if not found:
                break
            time.sleep(0.1)
        check(not found, "nobody may listen at the port after close()", got=found)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    '    question = f"{server.url}/v1/models/double:predict", b\'{"instances": [[1, 2]]}\'\n'
    "    statuses = [urllib.request.urlopen(*question, timeout=2).status for _ in range(2)]\n"
    '{"url": server.url.rstrip("0123456789"), "statuses": statuses}',
    gives={"url": "http://127.0.0.1:", "statuses": [200, 200]},
)
def test_answers_in_the_background(student):
    """When serve returns, the server answers at its url, and goes on answering.

    Hint: serve_forever, or run, in a thread; the port must be open before serve returns, however long that takes. What
    holds for the whole process, such as the default timeout of sockets, is not the server's to change.
    """
    with Servers(student) as servers, settings_kept(student):
        _, url = servers.start()
        statuses, _ = servers.ask(url, TOGETHER + 2)
        check(set(statuses) == {200}, "each of 18 requests must be answered by the application", got=statuses)
    app = student.run(application_like, student.create_app, 1, 0.7)
    status, _, body = student.run(asked_at_once, started, send, student.serve, app, ASK)
    check(status == 200, "a request must be answered as soon as serve returns", got=(status, body))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from contextlib import closing\n"
    "\n"
    'app = create_app("double", 2, lambda: lambda x: 2 * x)\n'
    "with closing(serve(app)) as one, closing(serve(app)) as other:\n"
    '    ports = [int(server.url.rpartition(":")[2]) for server in (one, other)]\n'
    "ports[0] == ports[1]",
    gives=False,
)
def test_a_port_of_its_own(student):
    """Several servers run at once, each at a port that was free, and each is closed by itself.

    Hint: port 0 means any free port; then ask which one it is.
    """
    with Servers(student) as servers:
        first, *urls = servers.start(), servers.start(again=True)[1]
        somebody = student.run(occupied, int(urls[0].rpartition(":")[2]) + 1)  # at the port behind, if that is free
        try:
            urls = [first[1], *urls, servers.start()[1]]
        finally:
            student.run(close_all, [somebody])
        must = "three servers must have three ports, also where two of them serve the same application"
        check(len(set(urls)) == 3, must, got=urls)
        statuses = [status for url in urls for status in servers.ask(url)[0]]
        check(statuses == [200] * 3, "all of them must answer", got=statuses)
        first[0].close()
        servers.check_closed(urls[0])
        statuses = [status for url in urls[1:] for status in servers.ask(url)[0]]
        check(statuses == [200] * 2, "the others must go on answering when the first is closed", got=statuses)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "import socket\n"
    "from contextlib import closing\n"
    "\n"
    'with closing(serve(create_app("double", 2, lambda: lambda x: 2 * x))) as server:\n'
    '    port = int(server.url.rpartition(":")[2])\n'
    "    with socket.socket() as caller:\n"
    '        reached = caller.connect_ex(("127.0.0.2", port)) == 0  # another address of this machine\n'
    "reached",
    gives=False,
)
def test_loopback_only(student):
    """Only programs on this machine can reach the server.

    Hint: 127.0.0.1 is loopback; 0.0.0.0, or no address, is every interface.
    """
    with Servers(student) as servers:
        _, url = servers.start()
        port = f"{int(url.rpartition(':')[2]):04X}"
        found = student.run(listening)
        mine = [place.rpartition(":")[0] for place in found if place.endswith(f":{port}")]
        check(len(mine) > 0, "somebody must listen at the port in url", got=found)
        check(all(address in LOOPBACK for address in mine), "it must listen on 127.0.0.1 only", got=mine)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "from concurrent.futures import ThreadPoolExecutor\n"
    "from contextlib import closing\n"
    "\n"
    "def ask(number):\n"
    "    body = b'{\"instances\": [[%d]]}' % number\n"
    '    with urllib.request.urlopen(f"{server.url}/v1/models/m:predict", body, timeout=5) as reply:\n'
    '        return json.load(reply)["predictions"]\n'
    "\n"
    "both = threading.Barrier(2, timeout=1)  # waits for two\n"
    'with closing(serve(create_app("m", 1, lambda: lambda x: x + 0 * both.wait()))) as server:\n'
    "    answers = [*ThreadPoolExecutor(2).map(ask, (5, 7))]\n"
    "answers",
    gives=[[[5.0]], [[7.0]]],
)
def test_side_by_side(student):
    """16 requests are answered side by side, not one after the other.

    Hint: threaded=True, or ThreadingHTTPServer.
    """
    with Servers(student) as servers:
        _, url = servers.start(TOGETHER)
        statuses, bodies = servers.ask(url, TOGETHER, together=True)
        check(statuses == [200] * TOGETHER, "all requests must be answered", got=statuses)
        check(bodies == [b"together"] * TOGETHER, "each must be answered while the others are there", got=bodies)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "import socket\n"
    "import time\n"
    "\n"
    'server = serve(create_app("double", 2, lambda: lambda x: 2 * x))\n'
    "server.close()\n"
    "time.sleep(0.5)  # a thread of the server may need a moment\n"
    "with socket.socket() as caller:\n"
    '    reached = caller.connect_ex(("127.0.0.1", int(server.url.rpartition(":")[2]))) == 0\n'
    "reached",
    gives=False,
)
def test_close(student):
    """After close() nobody listens at the port any more.

    Hint: shutdown ends the loop; server_close gives back the port.
    """
    with Servers(student) as servers:
        server, url = servers.start()
        statuses, _ = servers.ask(url)
        check(statuses == [200], "before that, a request must be answered", got=statuses)
        server.close()
        servers.check_closed(url)
