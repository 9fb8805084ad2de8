"""Are artifacts evaluated where no student Python runs, with right values, and are their faults the student's?"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import CheckFailed, PlatformFault, StudentCrash, StudentError, StudentTimeout
from autograder.grading import probe, read_folder
from autograder.grading.clean_room import graphs
from autograder.grading.engine import grade_notebook
from autograder.grading.handles import Student
from autograder.grading.limits import Limit
from autograder.jail.kernel import Kernel, ordinary_kernel
from autograder.jail.warm import WarmJail
from tests.support import artifacts, tiny
from tests.support.artifacts import Room, framework_jail, kernels_of, make, room_in, student_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
X = np.array([[1, 2, 3], [4, 5, 6]], "float32")


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with framework_jail() as made:
        yield made


@pytest.fixture(scope="module")
def one_student(jail: WarmJail) -> Iterator[Student]:
    with student_in(jail) as made:
        yield made


@pytest.fixture
def student(one_student: Student) -> Student:
    one_student._session.begin_test(artifacts.LIMIT, seed=0)
    return one_student


@pytest.fixture(scope="module")
def one_room(jail: WarmJail) -> Iterator[Room]:
    with room_in(jail) as made:
        yield made


@pytest.fixture
def clean(one_room: Room) -> Room:
    one_room.begin_test(artifacts.LIMIT, seed=0)
    return one_room


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
    for name, complaint in {"whole": "Unsupported global|not an allowed global", "a_list": "not a list"}.items():
        with pytest.raises(StudentError, match=complaint):
            clean.state_dict(student.run(make, artifacts.STATE, name))


@probe
def double(numbers, by=2):  # type: ignore[no-untyped-def]
    return numbers * by


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


def complaint(clean: Room, *args: object, method: str = "run_graph") -> StudentError:
    with pytest.raises(StudentError) as caught:
        getattr(clean, method)(*args)
    assert not caught.value.traceback
    assert caught.value.subject.startswith("Your ")
    return caught.value


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


def test_what_was_done_is_told_without_what_was_fed(student: Student, clean: Room) -> None:
    blob = student.run(make, artifacts.REGRESSION, "regression")
    weights = np.array([[1], [0], [2]], "float32")
    clean.run_graph(blob, [(["prediction:0"], {"x:0": X + 100, "w:0": weights})])
    clean.run_graph(blob, [(["init"], {}), (["w:0", "loss:0"], {"x:0": X, "y:0": X[:, :1]})])
    clean.graph_nodes(blob)
    clean.run(double, 3)
    lines = clean.lines.lines()
    assert lines[0] == "(evaluated your graph: prediction:0)  →  array([[307.], [316.]])"
    assert lines[1].startswith("(evaluated your graph: init; w:0, loss:0)  →  [[None], [array(")
    assert lines[2:] == ["(listed your graph's nodes)", "(double, in the clean room)"]
    assert clean.received


LOOP = (
    artifacts.GRAPH
    + """
def endless():
    return in_graph(lambda: tf.while_loop(lambda i: i > -1, lambda i: (i + 1) % 7, [tf.constant(0)], name="loop"))
"""
)


def test_an_endless_loop_costs_its_test_only(student: Student, clean: Room) -> None:
    good, endless = student.run(make, artifacts.REGRESSION, "regression"), student.run(make, LOOP, "endless")
    loop = next(
        node["name"] for node in clean.graph_nodes(endless) if node["op"] in ("While", "StatelessWhile", "Exit")
    )
    first = clean.kernel
    clean.begin_test(Limit(0.5, 5), seed=0)
    error = complaint(clean, endless, [([f"{loop}:0"], {})])
    assert isinstance(error, StudentTimeout)
    assert (error.subject, error.message) == ("Your graph", "stopped after 0.5 s of CPU time")
    clean.begin_test(artifacts.LIMIT, seed=0)
    assert clean.run_graph(good, [(["init"], {}), (["w:0"], {})])[1][0].tolist() == [[0], [0], [0]]
    assert clean.kernel is not first
    assert student.run(double, 4) == 8, "the student's kernel is the same"


@probe
def die():  # type: ignore[no-untyped-def]
    import os

    os._exit(3)


def test_a_crash_costs_its_test_only(clean: Room) -> None:
    assert clean.run(double, 1) == 2
    with pytest.raises(StudentCrash):
        clean.run(die)
    assert clean.run(double, 1) == 2


@probe
def sabotage():  # type: ignore[no-untyped-def]
    import os
    import threading

    threading.Timer(0.2, os._exit, [3]).start()


def test_a_kernel_that_the_last_test_broke_is_replaced(clean: Room) -> None:
    clean.run(sabotage)
    time.sleep(0.5)
    clean.begin_test(artifacts.LIMIT, seed=0)
    assert clean.run(double, 1) == 2


def test_only_a_kernel_that_cannot_be_had_is_our_fault(jail: WarmJail) -> None:
    def none(files: object) -> Kernel:
        raise PlatformFault("no kernel")

    with pytest.raises(PlatformFault, match="no kernel"):
        Room(none).run(double, 1)

    def dying(files: object) -> Kernel:
        kernel = kernels_of(jail)(None)
        assert kernel.client is not None  # it has answered
        kernel.terminate()
        return kernel

    room = Room(dying)
    with pytest.raises(PlatformFault, match="a clean kernel cannot be had"):
        room.run(double, 1)
    room.close()


def test_the_kernel_is_started_when_needed_and_ended_with_the_room(jail: WarmJail) -> None:
    started = []

    def counting(files: object) -> Kernel:
        started.append(kernels_of(jail)(None))
        return started[-1]

    room = Room(counting)
    assert not started
    room.run(double, 1)
    room.begin_test(artifacts.LIMIT, seed=0)
    room.run(double, 1)
    assert len(started) == 1
    assert started[0].alive()
    room.close()
    room.close()
    assert not started[0].alive()


@probe
def seven():  # type: ignore[no-untyped-def]
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        tf.constant(7, name="seven")
    return graph.as_graph_def().SerializeToString()


def test_importing_a_framework_is_no_tests_expense() -> None:
    """In an ordinary kernel it takes more CPU time than a test may."""
    room = Room(ordinary_kernel)
    room.begin_test(Limit(0.4, 20), seed=0)
    try:
        assert room.run_graph(room.run(seven), [(["seven:0"], {})]) == [[7]]
    finally:
        room.close()


FORGED = """
import tensorflow as tf
tf.compat.v1.Session.run = lambda *a, **k: [[[307.0], [316.0]]]
tf.import_graph_def = lambda *a, **k: None
tf.Graph.as_graph_element = lambda *a, **k: None
def nothing():
    return tf.Graph().as_graph_def().SerializeToString()
"""


def test_a_patched_framework_fools_the_students_kernel_but_not_the_clean_room(jail: WarmJail, clean: Room) -> None:
    asked = [(["prediction:0"], {"x:0": X})]
    with student_in(jail) as student:
        blob = student.run(make, FORGED, "nothing")
        _, fooled = student.run(graphs.evaluate_graph, graphs.TOOLS, blob, asked)
    assert fooled[0][0].tolist() == [[307.0], [316.0]]
    assert complaint(clean, blob, asked).message == "the graph has no tensor 'prediction:0'"


HIDDEN = """
import pytest
from autograder.grading import assert_close, probe

@probe
def exported(build):
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def().SerializeToString()

@pytest.mark.points(2)
def test_twice(student, clean, rng):
    \"\"\"The graph doubles what it is fed.\"\"\"
    x = rng.normal(size=3).astype("float32")
    ((got,),) = clean.run_graph(student.run(exported, student.build), [(["twice:0"], {"x:0": x})])
    assert_close(got, 2 * x, what="twice")

@pytest.mark.points(1)
def test_without_a_name(student, clean):
    \"\"\"Another name is an error.\"\"\"
    clean.run_graph(student.run(exported, student.build), [(["thrice:0"], {})])
"""
TWICE = """
import tensorflow as tf
factor = 2
def build():
    x = tf.compat.v1.placeholder(tf.float32, [None], name="x")
    tf.multiply(x, factor, name="twice")
"""


@pytest.mark.parametrize(("factor", "first"), [(2, "passed"), (3, "failed")])
def test_a_hidden_test_asks_for_it_as_a_fixture(jail: WarmJail, tmp_path: Path, factor: int, first: str) -> None:
    course = tiny.write_course(tmp_path, "exported_graphs", {"double": HIDDEN})
    started: list[Kernel] = []

    def kernels(files: Path | None) -> Kernel:
        started.append(kernels_of(jail)(files))
        return started[-1]

    nb = tiny.submission(TWICE.replace("factor = 2", f"factor = {factor}"))
    graded = grade_notebook(nb, tiny.sprint(course, "exported_graphs"), kernels=kernels, seed="s")
    assert tiny.outcomes(graded.results) == {"test_twice": first, "test_without_a_name": "error"}
    one, other = tiny.hidden(graded.results)
    assert "Your graph raised ValueError: the graph has no tensor 'thrice:0'" in other.message
    assert "    (evaluated your graph: thrice:0)" in other.message
    assert first == "passed" or "(evaluated your graph: twice:0)  →  array([" in one.message
    assert len(started) == 2
    assert not any(kernel.alive() for kernel in started)


def test_a_clean_kernel_that_cannot_be_had_makes_the_test_broken(jail: WarmJail, tmp_path: Path) -> None:
    course = tiny.write_course(tmp_path, "exported_graphs", {"double": HIDDEN})
    started: list[Kernel] = []

    def one_only(files: Path | None) -> Kernel:
        if started:
            raise PlatformFault("no second kernel")
        started.append(kernels_of(jail)(files))
        return started[-1]

    graded = grade_notebook(tiny.submission(TWICE), tiny.sprint(course, "exported_graphs"), kernels=one_only, seed="s")
    assert set(tiny.outcomes(graded.results).values()) == {"broken"}
    assert "no second kernel" in "".join(graded.faults.values())


def test_the_trusted_side_imports_no_framework() -> None:
    source = "import sys, autograder.grading.run; sys.exit('tensorflow' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
