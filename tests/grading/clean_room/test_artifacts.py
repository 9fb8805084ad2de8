"""Are artifacts evaluated with right values, and are their faults the student's, in plain words?"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from autograder.errors import CheckFailed, PlatformFault, StudentError
from autograder.grading import probe, read_folder
from autograder.grading.limits import Limit
from autograder.grading.student import Student
from tests.support import artifacts
from tests.support.artifacts import Room, X, complaint, double, make
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


def test_a_graph_is_fetched_from_with_feeds_of_its_own(student: Student, clean: Room) -> None:
    blob = student.run(make, artifacts.REGRESSION, "regression")
    weights = np.array([[1], [0], [2]], "float32")
    (got,) = clean.run_graph(blob, [(["prediction:0", "init"], {"x:0": X, "w:0": weights})])
    np.testing.assert_allclose(got[0], X @ weights)
    assert got[0].dtype == np.float32
    assert got[1] is None, "an operation has no value"


def test_variables_live_across_the_runs_of_one_call_only(student: Student, clean: Room) -> None:
    blob = student.run(make, artifacts.REGRESSION, "regression")
    batch = {"x:0": X / 6, "y:0": X[:, :1]}
    runs = [(["init"], {}), *[(["train"], batch)] * 3, (["w:0", "loss:0"], batch)]
    *_, (w, loss) = clean.run_graph(blob, runs)
    expected = np.zeros((3, 1))
    for _ in range(3):
        expected -= 0.1 * 2 / 2 * (X / 6).T @ (X / 6 @ expected - X[:, :1])
    np.testing.assert_allclose(w, expected, rtol=1e-5)
    np.testing.assert_allclose(loss, np.mean((X / 6 @ expected - X[:, :1]) ** 2), rtol=1e-5)
    with pytest.raises(StudentError, match="uninitialized"):
        clean.run_graph(blob, [(["loss:0"], batch)])


def test_functions_loops_text_and_small_types(student: Student, clean: Room) -> None:
    """What was placed on a GPU is evaluated here too."""
    blob = student.run(make, artifacts.FUNCTIONS, "loops")
    fetches = ["steps:0", "text:0", "half:0"]
    (got,) = clean.run_graph(blob, [(fetches, {"n:0": np.int32(27), "f:0": np.float32(1.5)})])
    assert [value.tolist() for value in got] == [111, b"ab", 1.5]


def test_nodes_are_listed_with_those_of_functions(student: Student, clean: Room) -> None:
    nodes = clean.graph_nodes(student.run(make, artifacts.FUNCTIONS, "loops"))
    by_name = {(node["function"], node["name"]): node for node in nodes}
    assert by_name["", "steps"]["device"] == "/device:GPU:0"
    assert by_name["", "half"]["op"] == "Cast"
    assert by_name["", "half"]["inputs"] == ["f"]
    assert {node["op"] for node in nodes if node["function"]} >= {"StatelessWhile", "StatelessIf", "FloorDiv", "Mul"}


def test_a_saved_model_is_called_by_its_signatures(student: Student, clean: Room) -> None:
    student.run(make, artifacts.MODULE, "export")
    files = student.run(read_folder, "model")
    assert {"saved_model.pb", "variables/variables.index"} <= set(files)
    files["notes/of the student.txt"] = b"ignored"
    keys = np.array([2, 3], "int32")
    one, two, three = clean.saved_model(
        files, [("scaled", {"x": X}), ("scaled", {"x": X[:1]}), ("look_up", {"key": keys})]
    )
    np.testing.assert_allclose(one["scaled"], [[14], [32]])
    assert (one["rows"], two["rows"]) == (2, 1)
    assert three["found"].tolist() == [20, -1]


def test_a_keras_model_is_a_saved_model(student: Student, clean: Room) -> None:
    student._session.channel.limit(Limit(30, 90))
    batch, expected = student.run(make, artifacts.KERAS, "export")
    (got,) = clean.saved_model(student.run(read_folder, "model"), [("serve", {"keras_tensor": batch})])
    np.testing.assert_allclose(got["output_0"], expected, atol=1e-6)


def test_a_tflite_model_is_run_at_any_batch_size(student: Student, clean: Room) -> None:
    student._session.channel.limit(Limit(30, 90))
    blob, batch, expected = student.run(make, artifacts.KERAS, "tflite")
    got = clean.tflite(blob, [[batch], [batch[:1]]])
    np.testing.assert_allclose(got[0][0], expected, atol=1e-5)
    np.testing.assert_allclose(got[1][0], expected[:1], atol=1e-5)
    details = clean.tflite_details(blob)
    assert [(i["shape"], i["dtype"], i["scale"]) for i in details["inputs"]] == [([-1, 28, 28, 1], "float32", 0.0)]


def test_an_int8_model_says_how_it_is_quantized(student: Student, clean: Room) -> None:
    student._session.channel.limit(Limit(30, 90))
    blob = student.run(make, artifacts.KERAS, "int8")
    details = clean.tflite_details(blob)
    (given,), (returned,) = details["inputs"], details["outputs"]
    assert given["dtype"] == returned["dtype"] == "int8"
    assert given["scale"] == pytest.approx(1 / 255, rel=0.01)
    assert (returned["scale"], returned["zero_point"]) == (1 / 256, -128), "that of a softmax"
    with pytest.raises(StudentError, match="FLOAT32 but expected type INT8"):
        clean.tflite(blob, [[np.zeros((1, 28, 28, 1), "float32")]])


def test_a_state_dict_is_tensors_by_name(student: Student, clean: Room) -> None:
    blob, expected = student.run(make, artifacts.STATE, "state")
    got = clean.state_dict(blob)
    assert list(got) == list(expected)
    assert all(np.array_equal(got[name], expected[name]) for name in got)
    np.testing.assert_array_equal(clean.state_dict(student.run(make, artifacts.STATE, "half"))["w"], [1, 1])
    for name, said in {"whole": "Unsupported global|not an allowed global", "a_list": "not a list"}.items():
        with pytest.raises(StudentError, match=said):
            clean.state_dict(student.run(make, artifacts.STATE, name))


@probe
def an_object():  # type: ignore[no-untyped-def]
    return [object()]


def test_a_probe_of_the_graders_returns_data_only(student: Student, clean: Room) -> None:
    assert clean.run(double, X, by=3).sum() == 63
    with pytest.raises(PlatformFault, match="returned a object"):
        clean.run(an_object)
    with pytest.raises(StudentError, match="can't multiply"):
        clean.run(double, [1], by="x")
    with pytest.raises(CheckFailed, match="function came back"):
        clean.run(double, student.run(make, "def f(): return f", "f"))
    with pytest.raises(PlatformFault, match="object, which is not data"):
        clean.run(double, object())


@probe
def of_a_width(width):  # type: ignore[no-untyped-def]
    import numpy as np

    return {"text": np.array([b"x" * width])}


def test_an_array_that_depends_on_an_artifact_and_cannot_cross_is_the_artifacts(student: Student, clean: Room) -> None:
    assert clean.run(of_a_width, 9)["text"].dtype == "S9"
    with pytest.raises(CheckFailed, match="neither numbers nor short texts"):
        clean.run(of_a_width, 1_000_000)
    dressed = "import numpy as np\ndef f(): return np.arange(3).view(type('A', (np.ndarray,), {}))"
    assert clean.run(double, student.run(make, dressed, "f")[1:] + 1).tolist() == [4, 6]
    with pytest.raises(CheckFailed, match="cannot be evaluated"):
        clean.run(double, np.array([2**70]))


def test_faults_of_an_artifact_are_said_in_plain_words(student: Student, clean: Room) -> None:
    blob = student.run(make, artifacts.REGRESSION, "regression")
    said = [
        complaint(clean, blob, [(["prediction:0"], {"x:0": X[:, :2]})]),
        complaint(clean, blob, [(["prediction:0"], {"w:0": X[:1].T})]),
        complaint(clean, blob, [(["forecast:0"], {"x:0": X})]),
        complaint(clean, blob, [(["start"], {})]),
        complaint(clean, b"no graph", []),
    ]
    texts = [error.message for error in said]
    assert texts[0] == "Cannot feed value of shape (2, 2) for Tensor x:0, which has shape (None, 3)"
    assert texts[1].startswith("You must feed a value for placeholder tensor 'x' with dtype float and shape [?,3]")
    assert texts[2] == "the graph has no tensor 'forecast:0'"
    assert texts[3] == "the graph has no operation 'start'"
    assert said[1].types[0] == "InvalidArgumentError"
    assert sys.prefix not in "".join(texts)


def test_faults_of_a_saved_model_too(student: Student, clean: Room) -> None:
    student.run(make, artifacts.MODULE, "export")
    files = student.run(read_folder, "model")
    texts = [
        complaint(clean, files, [(name, inputs)], method="saved_model").message
        for name, inputs in {
            "halved": {"x": X},
            "scaled": {"y": X},
            "look_up": {"key": X[0]},
        }.items()
    ]
    assert texts[0] == "the SavedModel has no signature 'halved', only: scaled, look_up"
    assert texts[1] == "the signature 'scaled' takes x"
    assert "expected to be a int32 tensor but is a float tensor" in texts[2]
    complaint(clean, files | {"saved_model.pb": b"no model"}, [], method="saved_model")
    complaint(clean, {k: v for k, v in files.items() if "index" not in k}, [], method="saved_model")
    with pytest.raises(CheckFailed, match="no file saved_model.pb"):
        clean.saved_model({}, [])


def test_what_is_not_bytes_is_the_students_failure(student: Student, clean: Room) -> None:
    other = student.run(make, "def f(): return f", "f")
    for given in (None, "text", 3, other, bytearray(3), X):
        with pytest.raises(CheckFailed, match="must come as bytes, but came back as"):
            clean.run_graph(given, [])  # type: ignore[arg-type]
    for files in (None, [b""], {"saved_model.pb": "text"}, {3: b""}, other):
        with pytest.raises(CheckFailed):
            clean.saved_model(files, [])  # type: ignore[arg-type]
