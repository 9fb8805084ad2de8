"""A bare function as the WSGI application, the standard library's WSGI server with threads, records put together and taken apart by hand."""


# %% solve_log_scalars
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files."""
    import time
    from uuid import uuid4

    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    Path(logdir).mkdir(parents=True, exist_ok=True)
    for tag, points in series.items():
        with tf.io.TFRecordWriter(f"{logdir}/events.out.tfevents.{uuid4()}") as file:
            file.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
            for step, value in points:
                summary = Summary(value=[Summary.Value(tag=tag, simple_value=float(value))])
                file.write(Event(wall_time=time.time(), step=step, summary=summary).SerializeToString())


# %% solve_read_scalars
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files."""
    import struct

    from tensorboard.compat.proto.event_pb2 import Event

    points = []
    for path in Path(logdir).glob("*tfevents*"):
        content, place = path.read_bytes(), 0
        while place + 12 <= len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            if place + 16 + length > len(content):
                break
            event = Event.FromString(content[place + 12 : place + 12 + length])
            place += 16 + length
            for value in event.summary.value:
                if value.tag == tag:
                    number = value.simple_value
                    if value.HasField("tensor"):
                        number = float(tf.make_ndarray(tf.make_tensor_proto(0.0).FromString(value.tensor.SerializeToString())))
                    points.append((event.step, number))
    if not points:
        raise KeyError(tag)
    points.sort()
    return points


# %% solve_to_int8
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only."""
    samples = np.array(list(samples), dtype=np.float32)

    def representative():
        for number in range(len(samples)):
            yield [samples[number : number + 1]]

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = tf.lite.RepresentativeDataset(representative)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        return converter.convert()


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    predict = load()

    def decide(environ):
        if environ["PATH_INFO"] != f"/v1/models/{name}:predict" or environ["REQUEST_METHOD"] != "POST":
            return "404 Not Found", {"error": f"only {name} is served here"}
        try:
            text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = json.loads(text)
            rows = [[x + 0.0 for x in row if x is not True and x is not False] for row in body["instances"]]
            x = np.array(rows, dtype=np.float32)
        except (ValueError, KeyError, TypeError):
            return "400 Bad Request", {"error": "no instances that can be understood"}
        if x.ndim != 2 or x.shape[1] != features or any(not isinstance(row, list) for row in body["instances"]):
            return "400 Bad Request", {"error": f"an instance has {features} numbers"}
        try:
            return "200 OK", {"predictions": predict(x).astype(float).tolist()}
        except Exception:
            return "500 Internal Server Error", {"error": "sorry"}

    def app(environ, start_response):
        status, answer = decide(environ)
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return app


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 32

    class Quiet(WSGIRequestHandler):
        def log_message(self, *about):
            pass

    server = make_server("localhost", 0, app, server_class=Server, handler_class=Quiet)
    running = threading.Thread(target=server.serve_forever, daemon=True)
    running.start()

    def close():
        server.shutdown()
        server.server_close()

    server.close = close
    server.url = f"http://127.0.0.1:{server.server_port}"
    return server
