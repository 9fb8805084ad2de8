"""The model is loaded when it is first needed, by everybody who comes meanwhile.

Caught by:
    test_create_app.py::test_loaded_once
"""


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from http.server import BaseHTTPRequestHandler

    loaded = []

    def model():
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
                instances = json.loads(body)["instances"]
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
                result = model()(np.asarray(instances, dtype="float32"))
            except Exception:
                return 500, {"error": "the model failed"}
            return 200, {"predictions": np.asarray(result).tolist()}

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
