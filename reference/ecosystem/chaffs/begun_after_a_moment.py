"""serve waits for a moment and does not look whether the server has begun: a slow application is not there yet.

Caught by:
    test_serve.py::test_answers_in_the_background
"""


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

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, backlog=64, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    time.sleep(0.3)

    def close():
        server.should_exit = True
        thread.join()

    return SimpleNamespace(url=f"http://127.0.0.1:{port}", close=close)
