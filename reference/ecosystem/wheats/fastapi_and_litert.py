"""FastAPI on uvicorn, requests as the client, TensorFlow's own Lite interpreter, one row at a time where that is enough."""


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from fastapi import FastAPI, HTTPException, Request
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

    class Question(BaseModel):
        model_config = ConfigDict(strict=True, allow_inf_nan=False)
        instances: list[list[float]] = Field(min_length=1)

    predict = load()
    app = FastAPI()

    @app.exception_handler(404)
    @app.exception_handler(HTTPException)
    async def refuse(request, error):
        return JSONResponse({"error": str(error.detail)}, error.status_code)

    @app.post("/v1/models/{asked}:predict")
    async def answer(asked: str, request: Request):
        if asked != name:
            raise HTTPException(404, "no such model")
        try:
            rows = Question.model_validate_json(await request.body()).instances
        except ValidationError:
            raise HTTPException(400, "the body is no question") from None
        if any(len(row) != features for row in rows):
            raise HTTPException(400, f"an instance has {features} numbers")
        try:
            result = await run_in_threadpool(predict, np.array(rows, dtype=np.float32))
        except Exception:
            return JSONResponse({"error": "internal error"}, 500)
        if not np.isfinite(result).all():
            return JSONResponse({"error": "the model is damaged"}, 500)
        return {"predictions": result.tolist()}

    return app


# %% solve_serve
def serve(app):
    """Serve an application to this machine, in the background."""
    import socket
    import time

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def close():
        server.should_exit = True
        thread.join()
        listener.close()

    return SimpleNamespace(url="http://127.0.0.1:%d" % listener.getsockname()[1], close=close)


# %% solve_tflite
def to_tflite(model):
    """Convert a Keras model to TensorFlow Lite, without quantization."""
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder)
        return tf.lite.TFLiteConverter.from_saved_model(folder).convert()


def run_tflite(blob, batch):
    """Run a TensorFlow Lite model on a batch."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(model_content=blob)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    wanted = interpreter.get_output_details()[0]
    rows = []
    for row in batch:
        if given["dtype"] is np.int8:
            scale, zero = given["quantization"]
            row = np.rint(row / scale + zero).clip(-128, 127).astype("int8")
        interpreter.set_tensor(given["index"], row[None])
        interpreter.invoke()
        out = interpreter.get_tensor(wanted["index"])[0]
        if wanted["dtype"] is np.int8:
            scale, zero = wanted["quantization"]
            out = (out.astype("float64") - zero) * scale
        rows.append(out)
    return np.stack(rows)


# %% solve_predict_remote
def predict_remote(url, x, timeout):
    """Ask a server for predictions."""
    import requests

    reply = requests.post(url, json={"instances": x.tolist()}, timeout=timeout)
    if reply.status_code != 200:
        raise OSError(f"no answer, but the status {reply.status_code}")
    predictions = np.array(reply.json()["predictions"], dtype=float)
    if predictions.shape[:1] != x.shape[:1]:
        raise ValueError("not one prediction for each row")
    return predictions
