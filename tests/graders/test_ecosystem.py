"""Sprint 6: are its oracles right, does a real TensorBoard show what is logged, is bad input the student's fault?"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autograder.audit.gradings import filled
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import Variant, reference, wheats
from autograder.course.sprint import find_sprint
from autograder.errors import CheckFailed
from autograder.graders.ecosystem.loopback import application_like
from autograder.graders.ecosystem.oracles import check_points, curve, dequantize, event_file, network, quantize, weights
from autograder.graders.ecosystem.serving import check_refused, read_reply
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.jail.jailed_kernel import jailed_kernel
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox
from tests.support.variants_graded import REFERENCE, gradings

SLUG = "ecosystem"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_reply_of_pythons_own_json_is_refused(constant: str) -> None:
    """Is what Flask writes of a NaN, and Python would read, no JSON object to the grader?"""
    assert read_reply((200, "application/json", b'{"predictions": [[1.5]]}'), 200) == {"predictions": [[1.5]]}
    with pytest.raises(CheckFailed, match="must be a JSON object"):
        read_reply((200, "application/json", f'{{"predictions": [[{constant}]]}}'.encode()), 200)


def test_the_graders_own_application_reads_each_request_to_its_end() -> None:
    """Does no server have to wait for the rest of a request, and no client for the end of a reply?"""
    names: dict[str, Any] = {}
    exec(application_like.source, names)  # noqa: S102  # as the agent does
    app = names["application_like"](lambda name, features, load: lambda environ, start_response: [], 1)
    body, heads = io.BytesIO(b"{}"), []
    reply = app(
        {"wsgi.input": body, "CONTENT_LENGTH": "2"}, lambda status, headers: heads.append((status, dict(headers)))
    )
    assert (body.read(), reply) == (b"", [b"together"])
    assert heads == [("200 OK", {"Content-Type": "text/plain", "Content-Length": "8"})]

    async def asked() -> list[dict[str, Any]]:
        app = names["application_like"](lambda name, features, load: asked, 1)
        parts = iter([{"type": "http.request", "more_body": True}, {"type": "http.request", "body": b"{}"}])
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(parts)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app({"type": "http"}, receive, send)
        assert next(parts, None) is None
        return sent

    start, rest = asyncio.run(asked())
    assert (b"content-length", b"8") in start["headers"]
    assert rest["body"] == b"together"


@pytest.mark.parametrize("of_tensorflow", [False, True])
def test_event_files_of_the_oracle(tmp_path: Path, of_tensorflow: bool) -> None:
    """Does TensorBoard's own reader find in them what was put in, where each writer puts it?"""
    points = curve(np.random.default_rng(0), 5)
    (tmp_path / "events.out.tfevents.1").write_bytes(event_file("loss", points, of_tensorflow=of_tensorflow))
    log = EventAccumulator(str(tmp_path))
    log.Reload()
    assert [step for step, _ in points] == sorted({step for step, _ in points})
    if of_tensorflow:
        assert log.Tags()["scalars"] == []
        tensors = log.Tensors("loss")
        assert [(t.step, np.frombuffer(t.tensor_proto.tensor_content, "float32")[0]) for t in tensors] == points
    else:
        assert [(scalar.step, scalar.value) for scalar in log.Scalars("loss")] == points


def test_network_and_integers() -> None:
    """Are there two layers with a ReLU between them, and do integers stand for real numbers within half a step?"""
    one = np.eye(2)
    x = np.array([[0.5, -1.0]])
    np.testing.assert_allclose(network([one, np.zeros(2), 3 * one, np.ones(2)], x), [[2.5, 1.0]])
    about = {"scale": 0.25, "zero_point": -3}
    np.testing.assert_array_equal(quantize(np.array([0.0, 1.0, 1.1, -1e9, 1e9]), about), [-3, 1, 1, -128, 127])
    numbers = np.linspace(-30, 30, 77)
    assert np.abs(dequantize(quantize(numbers, about), about) - numbers).max() <= 0.125
    assert [w.shape for w in weights(np.random.default_rng(0), 4, 5, 2)] == [(4, 5), (5,), (5, 2), (2,)]


@pytest.mark.parametrize(
    "reply",
    [
        (0, "", b"TimeoutError: timed out"),
        (200, "application/json", b'{"error": "no"}'),
        (400, "text/html", b"<h1>Bad Request</h1>"),
        (400, "application/json", b"[" * 100_000),
        (400, "application/json", b'{"error": {}}'),
        (400, "application/json", b"\xff\xfe"),
        (400, "application/json", b"null"),
    ],
)
def test_replies_that_are_no_refusal(reply: tuple[int, str, bytes]) -> None:
    """Is a reply that never came, has another status, is HTML, or is no object with words, the student's failure?"""
    check_refused((400, "", b'{"error": "no"}'), 400)
    with pytest.raises(CheckFailed):
        check_refused(reply, 400)


@pytest.mark.parametrize("got", [None, "text", [1, 2], [(1, 2, 3)], [(1, None)], {1: 2}, [(2, 0.5)], [("1", "0.5")]])
def test_points_in_another_form(got: object) -> None:
    """Is what is no list of those pairs refused?"""
    check_points([(1, 0.5)], [(1, 0.5)], "it")
    with pytest.raises(CheckFailed):
        check_points(got, [(1, 0.5)], "it")


@contextmanager
def tensorboard(logdir: Path) -> Iterator[str]:
    """The url of a real TensorBoard on loopback, as long as this lasts."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--host", "127.0.0.1", "--port", "0"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with subprocess.Popen(
        [*command, "--load_fast=false"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            for line in process.stderr:
                said += line
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield found[0]
                    break
            else:
                pytest.fail(f"TensorBoard did not start: {said[-2000:]}")
        finally:
            process.kill()


def fetched(url: str) -> object:
    """The JSON at a url."""
    with urllib.request.urlopen(url, timeout=60) as reply:
        return json.load(reply)


def test_a_real_tensorboard_shows_the_runs(tmp_path: Path) -> None:
    """Are both runs of the reference there over HTTP, under the same tags, with their steps and values?"""
    import reference.ecosystem.ecosystem as sprint

    history = {"loss": [0.5, 0.25, 0.125], "val_loss": [0.75, 0.5, 1.0], "accuracy": [0.5, 0.75, 1.0]}
    sprint.log_history(tmp_path, history)
    with tensorboard(tmp_path) as url:
        end = time.monotonic() + 60
        while (runs := fetched(f"{url}/data/runs")) != ["train", "validation"]:
            assert time.monotonic() < end, f"TensorBoard found the runs {runs}"
            time.sleep(0.2)
        tags = fetched(f"{url}/data/plugin/scalars/tags")
        assert isinstance(tags, dict)
        assert {run: set(found) for run, found in tags.items()} == {
            "train": {"loss", "accuracy"},
            "validation": {"loss"},
        }
        for run, name in (("train", "loss"), ("validation", "val_loss")):
            rows = fetched(f"{url}/data/plugin/scalars/scalars?run={run}&tag=loss")
            assert isinstance(rows, list)
            assert [row[1:] for row in rows] == [list(point) for point in enumerate(history[name])]


def graded(cells: dict[str, str]) -> Results:
    """The results of the reference with these solution cells in place of its own."""
    sprint = find_sprint(SLUG, ROOT)
    solutions = [reference(SLUG), Variant("bad", "Bad input.", (), cells)]
    return grade_notebook(filled(sprint, *solutions), sprint, conditions(jailed_kernel)).results


def outcomes(results: Results, *cells: str) -> dict[str, str]:
    """How the hidden tests of these cells ended, or of all, by name."""
    tests = [test for cell in results.cells if not cells or cell.id in cells for test in cell.tests]
    return {test.name: test.outcome for test in tests if "public_check" not in test.name}


BAD = {
    "a blob of random bytes, with the identifier of a model": {
        "tflite": 'def to_tflite(model):\n    return b"\\x1c\\0\\0\\0TFL3" + np.random.default_rng(0).bytes(4000)\n\n\n'
        "def run_tflite(blob, batch):\n    return np.random.default_rng(0).normal(size=(len(batch), 3))",
        "to_int8": "def to_int8(model, samples):\n    return np.random.default_rng(0).bytes(4000)",
    },
    "an event file that is cut in the middle": {
        "log_scalars": """def log_scalars(logdir, series):
    writer = tf.summary.create_file_writer(logdir)
    with writer.as_default():
        for tag, points in series.items():
            for step, value in points:
                tf.summary.scalar(tag, value, step=step)
    writer.close()
    for path in Path(logdir).iterdir():
        path.write_bytes(path.read_bytes()[:-7])"""
    },
    "a server that never answers": {
        "create_app": """def create_app(name, features, load):
    def app(environ, start_response):
        threading.Event().wait()

    load()
    return app"""
    },
    "a server that answers in HTML": {
        "create_app": """def create_app(name, features, load):
    def app(environ, start_response):
        start_response("400 Bad Request", [("Content-Type", "text/html")])
        return [b"<script>alert(1)</script>"]

    load()
    return app"""
    },
    "a server that dies": {
        "create_app": "def create_app(name, features, load):\n    return lambda environ, start_response: os._exit(3)",
        "serve": "import os\n\n\ndef serve(app):\n    return os",
    },
}


@needs_sandbox
@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_the_students(bad: str) -> None:
    """Does what is broken cost the tests of its own tasks, and neither the others nor us?"""
    results = graded({f"solve_{task}": source for task, source in BAD[bad].items()})
    found = outcomes(results, *BAD[bad])
    assert set(found.values()) <= {"failed", "error", "timeout", "crashed"}, found
    apart = set(BAD[bad]) | ({"log_history"} if "log_scalars" in BAD[bad] else set())
    others = outcomes(results, *({cell.id for cell in results.cells} - apart))
    assert set(others.values()) == {"passed"}, others
    assert results.status == "graded"


FUNCTIONS = {
    "log_scalars": ["log_scalars"],
    "read_scalars": ["read_scalars"],
    "log_history": ["log_history"],
    "export_saved_model": ["export_saved_model"],
    "tflite": ["to_tflite", "run_tflite"],
    "to_int8": ["to_int8"],
    "create_app": ["create_app"],
    "serve": ["serve"],
    "predict_remote": ["predict_remote"],
    "parity": ["parity"],
}
STRANGE = {
    "nothing": "None",
    "text": "'http://127.0.0.1:80'",
    "bytes": "b'\\x1c\\0\\0\\0TFL3'",
    "not a number": "float('nan')",
    "an array of objects": "np.array([None, 'x'], dtype=object)",
    "nested": "[[], {}, (None, [1])]",
    "a dict of itself": "{'other': None, 'same': 'x', 3: [Ellipsis]}",
    "equal to everything": """type("Equal", (str,), {
        "__eq__": lambda self, other: True, "__hash__": lambda self: 0, "__call__": lambda self, *a, **k: self,
        "__getattr__": lambda self, name: self, "__iter__": lambda self: iter([self, self]), "__len__": lambda self: 2,
        "__bool__": lambda self: True, "__float__": lambda self: 1.0, "__array__": lambda self, *a, **k: np.ones(3),
    })("http://127.0.0.1:80")""",
}


@needs_sandbox
@pytest.mark.slow
@pytest.mark.parametrize("strange", STRANGE)
def test_strange_answers_are_wrong_and_no_fault_of_ours(strange: str) -> None:
    """Whatever comes back, is no test passed, and is none broken?"""
    results = graded(
        {
            f"solve_{task}": "\n\n".join(f"def {name}(*a, **k):\n    return {STRANGE[strange]}" for name in names)
            for task, names in FUNCTIONS.items()
        }
    )
    found = outcomes(results)
    assert {name: outcome for name, outcome in found.items() if outcome not in ("failed", "error")} == {}
    assert results.status == "graded"


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["spring", "summer", "autumn", "winter", "leap"])
def test_no_seed_decides(seed: str) -> None:
    """Do the reference and every other right solution earn everything, whatever inputs the seed draws?"""
    solutions = [f"{SLUG}/{REFERENCE}", *(f"{SLUG}/wheats/{wheat.name}" for wheat in wheats(SLUG))]
    with gradings(solutions, seed) as results:
        assert {solution: results[solution].score for solution in solutions} == dict.fromkeys(solutions, 40)
