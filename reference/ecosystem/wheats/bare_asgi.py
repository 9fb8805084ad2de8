"""A bare async function as the ASGI application, loaded in a thread; a client of sockets with one deadline; named tuples."""


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    from typing import NamedTuple

    class Point(NamedTuple):
        step: int
        value: float

    class NoSuchTag(KeyError):
        pass

    points = []
    for path in Path(logdir).glob("*tfevents*"):
        events = tf.compat.v1.train.summary_iterator(str(path))
        while True:
            try:
                event = next(events)
            except (StopIteration, tf.errors.DataLossError):
                break
            for value in event.summary.value:
                if value.tag == tag and value.HasField("tensor"):
                    points.append(Point(event.step, tf.make_ndarray(value.tensor).item()))
                elif value.tag == tag:
                    points.append(Point(event.step, value.simple_value))
    if not points:
        raise NoSuchTag(tag)
    return sorted(points)


# %% solve_log_history
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's."""
    from contextlib import ExitStack

    from torch.utils.tensorboard import SummaryWriter

    with ExitStack() as stack:
        runs = {"val_" if name.startswith("val_") else "": None for name in history}
        for prefix in runs:
            folder = Path(logdir) / ("validation" if prefix else "train")
            runs[prefix] = stack.enter_context(SummaryWriter(str(folder)))
        for epoch in range(max(map(len, history.values()))):
            for name, values in history.items():
                prefix = "val_" if name.startswith("val_") else ""
                if epoch < len(values):
                    tag = name.removeprefix(prefix)
                    runs[prefix].add_scalar(tag, values[epoch], epoch, new_style=True, double_precision=True)


# %% solve_export_saved_model
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving."""
    import os
    import re

    os.makedirs(base, exist_ok=True)
    there = [entry.name for entry in os.scandir(base) if entry.is_dir()]
    version = 1 + max([int(name) for name in there if re.fullmatch("[0-9]+", name)], default=0)
    module = tf.Module()
    module.kept = [v.value for v in model.variables]
    spec = tf.TensorSpec([None, model.input_shape[1]], tf.float32)
    call = tf.function(lambda rows: {"answer": model(rows, training=False)}, input_signature=[spec])
    folder = tempfile.mkdtemp(dir=base, prefix=".new-")
    tf.saved_model.save(module, folder, signatures={"serving_default": call, "serve": call})
    os.rename(folder, os.path.join(base, str(version)))
    return version


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(64)
    loading = pool.submit(load)

    def refused(word):
        raise ValueError(f"{word} is no JSON")

    def is_instance(row):
        return isinstance(row, list) and len(row) == features and all(type(x) in (int, float) for x in row)

    def reply(path, text):
        if path != f"/v1/models/{name}:predict":
            return 404, "hier gibt es kein anderes Modell"
        try:
            body = json.loads(text, parse_constant=refused)
        except ValueError:
            return 400, "das ist kein JSON"
        rows = body.get("instances") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or not all(map(is_instance, rows)):
            return 400, f"eine Liste von Listen von {features} Zahlen wird erwartet"
        try:
            predictions = loading.result()(np.array(rows, dtype=np.float32))
        except Exception:
            return 500, "das Modell hat versagt"
        return (200, predictions.tolist()) if np.isfinite(predictions).all() else (500, "das Modell weiß es nicht")

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        text, more = b"", True
        while more:
            message = await receive()
            text, more = text + message.get("body", b""), message.get("more_body", False)
        status, said = await asyncio.get_running_loop().run_in_executor(pool, reply, scope["path"], text)
        body = json.dumps({"predictions" if status == 200 else "error": said}, indent=1, ensure_ascii=False).encode()
        kind = (b"content-type", b"application/json; charset=utf-8")
        await send({"type": "http.response.start", "status": status, "headers": [kind]})
        await send({"type": "http.response.body", "body": body})  # without a length: in chunks

    return app


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    import socket
    import time

    import uvicorn

    class Serving:
        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
            options = {"sockets": [self.socket]}
            self.thread = threading.Thread(target=self.server.run, kwargs=options, daemon=True)
            self.port = self.socket.getsockname()[1]
            self.thread.start()
            while not self.server.started:
                time.sleep(0.01)

        @property
        def url(self):
            return f"http://127.0.0.1:{self.port}"

        def close(self):
            self.server.should_exit = True
            self.thread.join()

        def __enter__(self):
            return self

        def __exit__(self, *about):
            self.close()

    return Serving()


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    import socket
    import time
    from urllib.parse import urlsplit

    class NoAnswer(RuntimeError):
        pass

    where, until = urlsplit(url), time.monotonic() + timeout
    body = json.dumps({"instances": x.tolist()}).encode()
    lines = [f"POST {where.path} HTTP/1.0", f"Host: {where.netloc}", f"Content-Length: {len(body)}", "", ""]
    came = [b""]
    with socket.create_connection((where.hostname, where.port), timeout) as line:
        line.sendall("\r\n".join(lines).encode() + body)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            line.settimeout(left)
            came.append(line.recv(1 << 16))
            if not came[-1]:
                break
    head, _, text = b"".join(came).partition(b"\r\n\r\n")
    first, *others = head.split(b"\r\n")
    lengths = [int(other.split(b":")[1]) for other in others if other.lower().startswith(b"content-length:")]
    if first.split()[1:2] != [b"200"] or any(len(text) != length for length in lengths):
        raise NoAnswer("no answer, or not all of it")
    predictions = json.loads(text)["predictions"]
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise NoAnswer("not one prediction for each row")
    return np.array(predictions, dtype=np.float64)


# %% solve_parity
def parity(ways, x):
    """How far apart several ways of computing the same model are."""
    from collections import OrderedDict

    answers = [(name, np.array(way(x.copy()), dtype=np.longdouble)) for name, way in ways.items()]
    found = OrderedDict()
    for name, answer in answers[1:]:
        found[name] = np.float64("inf")
        if answer.shape == answers[0][1].shape and not np.isnan(answer - answers[0][1]).any():
            found[name] = np.float64(max((answer - answers[0][1]).max(), (answers[0][1] - answer).max()))
    return found
