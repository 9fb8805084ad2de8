"""Flask, FastAPI and JSON."""

from __future__ import annotations

from tests.facts.fact import fact

APP = "autograder/graders/ecosystem/test_create_app.py"


@fact("Flask", rests={"autograder/graders/ecosystem/serving.py": "read_reply takes no NaN for JSON, as Python would"})
def test_flask_and_nan():
    """Flask answers a NaN with status 200 and a body that is no JSON: NaN without quotes, which Python's json reads and
    browsers do not."""
    import flask

    app = flask.Flask(__name__)
    app.get("/")(lambda: {"y": float("nan")})
    reply = app.test_client().get("/")
    assert (reply.status_code, reply.data.strip()) == (200, b'{"y":NaN}')


@fact(
    "fastapi", "starlette", rests={APP: "test_a_model_that_fails wants 500 as JSON, which FastAPI's own reply is not"}
)
def test_fastapi_and_nan():
    """FastAPI answers a NaN in an untyped result with status 500 and the text "Internal Server Error"; in a field that
    a model types as float it answers null."""
    import asyncio

    import fastapi
    import httpx
    import pydantic

    class Answer(pydantic.BaseModel):
        y: float

    app = fastapi.FastAPI()
    app.get("/untyped")(lambda: {"y": float("nan")})
    app.get("/typed", response_model=Answer)(lambda: {"y": float("nan")})

    async def ask(path):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            reply = await client.get(path)
            return reply.status_code, reply.text

    assert asyncio.run(ask("/untyped")) == (500, "Internal Server Error")
    assert asyncio.run(ask("/typed")) == (200, '{"y":null}')


@fact("Flask", rests={APP: "test_any_content_type: request.get_json(force=True)"})
def test_flask_and_the_content_type():
    """Flask's request.get_json refuses a body whose Content-Type is not JSON with 415, which is no 400; force=True
    reads it."""
    import flask

    app = flask.Flask(__name__)
    app.post("/strict", endpoint="strict")(lambda: flask.request.get_json())
    app.post("/forced", endpoint="forced")(lambda: flask.request.get_json(force=True))
    client = app.test_client()
    assert client.post("/strict", data="{}", content_type="text/plain").status_code == 415
    assert client.post("/forced", data="{}", content_type="text/plain").status_code == 200


@fact(
    "numpy",
    rests={
        APP: "tolist() for the answer",
        "autograder/graders/ecosystem/serving.py": "a reply that json cannot write is an error",
    },
)
def test_json_and_numbers_of_numpy():
    """json takes np.float64, which is a Python float, and refuses np.float32, np.int64 and arrays."""
    import json

    import numpy as np
    import pytest

    assert json.dumps(np.float64(0.5)) == "0.5"
    for number in (np.float32(0.5), np.int64(1), np.ones(2)):
        with pytest.raises(TypeError, match="not JSON serializable"):
            json.dumps(number)
