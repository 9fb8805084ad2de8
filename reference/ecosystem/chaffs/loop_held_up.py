"""An async function computes by itself, and holds up the loop that everybody waits for.

Caught by:
    test_create_app.py::test_sixteen_at_once
"""


# %% solve_create_app
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving."""
    from fastapi import FastAPI, HTTPException, Request
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
