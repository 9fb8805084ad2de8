"""FastAPI reads the question, and says 422 where 400 was asked for.

Caught by:
    test_create_app.py::test_any_content_type
    test_create_app.py::test_bad_json
    test_create_app.py::test_bad_instances
"""


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from fastapi import FastAPI, HTTPException
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel, ConfigDict, Field

    class Question(BaseModel):
        model_config = ConfigDict(strict=True)
        instances: list[list[float]] = Field(min_length=1)

    predict = load()
    app = FastAPI()

    @app.exception_handler(404)
    @app.exception_handler(HTTPException)
    async def refuse(request, error):
        return JSONResponse({"error": str(error.detail)}, error.status_code)

    @app.post("/v1/models/{asked}:predict")
    def answer(asked: str, question: Question):
        if asked != name:
            raise HTTPException(404, "no such model")
        rows = question.instances
        if any(len(row) != features for row in rows):
            raise HTTPException(400, f"an instance has {features} numbers")
        try:
            result = predict(np.array(rows, dtype=np.float32))
        except Exception:
            return JSONResponse({"error": "internal error"}, 500)
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
