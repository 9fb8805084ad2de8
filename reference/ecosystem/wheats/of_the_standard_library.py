"""The standard library's server, loaded at the first request, one instance at a time; PyTorch's writer; events read one by one."""


# %% solve_log_scalars
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(logdir) as writer:
        for tag, points in series.items():
            for step, value in points:
                writer.add_scalar(tag, value, step)


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    points = []
    for path in sorted(Path(logdir).iterdir()):
        if not path.is_file() or "tfevents" not in path.name:
            continue
        try:
            for event in tf.compat.v1.train.summary_iterator(str(path)):
                for value in event.summary.value:
                    if value.tag == tag and value.WhichOneof("value") == "simple_value":
                        points.append((event.step, value.simple_value))
                    elif value.tag == tag and value.HasField("tensor"):
                        points.append((event.step, tf.make_ndarray(value.tensor).item()))
        except tf.errors.DataLossError:
            pass  # the training was killed: what came before is good
    if not points:
        raise KeyError(f"nothing was logged under {tag}")
    return sorted(points, key=lambda point: point[0])


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from http.server import BaseHTTPRequestHandler

    lock, loaded = threading.Lock(), []

    def model():
        with lock:
            if not loaded:
                loaded.append(load())
        return loaded[0]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            status, answer = self.decide(self.rfile.read(length))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def decide(self, body):
            if self.path != f"/v1/models/{name}:predict":
                return 404, {"error": "no such model"}
            try:
                instances = json.loads(body, parse_constant=float.fromhex)["instances"]
                json.dumps(instances, allow_nan=False)
                if not instances:
                    raise ValueError("no instances")
                for row in instances:
                    if not isinstance(row, list) or len(row) != features:
                        raise ValueError(f"an instance is a list of {features} numbers")
                    if not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in row):
                        raise ValueError("an instance holds numbers")
            except (ValueError, KeyError, TypeError):
                return 400, {"error": "not understood"}
            try:
                predict, x = model(), np.asarray(instances, dtype="float32")
                result = np.concatenate([predict(row[None]) for row in x])
            except Exception:
                return 500, {"error": "the model failed"}
            if np.abs(result).max() < np.inf:
                return 200, {"predictions": np.asarray(result).tolist()}
            return 500, {"error": "the model predicts no numbers"}

        def log_message(self, *about):
            pass

    return Handler


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    from http.server import ThreadingHTTPServer

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    class Running:
        def __init__(self):
            self.server = Server(("127.0.0.1", 0), app)
            self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
            self.thread.start()

        @property
        def url(self):
            host, port = self.server.server_address
            return f"http://{host}:{port}"

        def close(self):
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    return Running()


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    where = urlsplit(url)
    connection = HTTPConnection(where.hostname, where.port, timeout=timeout)
    try:
        connection.request("POST", where.path, json.dumps({"instances": [list(map(float, row)) for row in x]}))
        reply = connection.getresponse()
        text = reply.read()
    finally:
        connection.close()
    if reply.status != 200:
        raise RuntimeError(f"the server answered {reply.status}")
    try:
        predictions = json.loads(text)["predictions"]
    except (KeyError, TypeError) as error:
        raise ValueError("the answer has no predictions") from error
    if predictions is None or len(predictions) != len(x):
        raise ValueError("not one prediction for each row")
    return np.asarray(predictions) * 1.0
