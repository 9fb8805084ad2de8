"""A connection is kept, and what was sent to another model is not read: it is taken for the next request.

Caught by:
    test_create_app.py::test_unknown_model
"""


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
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            if self.path != f"/v1/models/{name}:predict":
                return self.reply(404, {"error": "no such model"})
            length = int(self.headers.get("Content-Length") or 0)
            self.reply(*self.decide(self.rfile.read(length)))

        def reply(self, status, answer):
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def decide(self, body):
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
