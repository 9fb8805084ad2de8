"""Exported artifacts as weapons: what is evaluated in the clean room is written by students.

Each attack says what it must not achieve. The clean room is a jail too, so the worst that is let through here is a look
at a machine with nothing on it; the operations are refused all the same, since a course may run without the sandbox.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import probe, read_folder
from autograder.grading.clean_room import graphs, room
from autograder.grading.engine import grade_notebook
from autograder.grading.handles import Student
from autograder.grading.limits import Limit, Limits
from autograder.jail.warm import WarmJail
from tests.support import tiny
from tests.support.artifacts import (
    GRAPH,
    LIMIT,
    MODULE,
    REGRESSION,
    STATE,
    Room,
    framework_jail,
    kernels_of,
    make,
    room_in,
    student_in,
)
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
MEMORY = 1536 << 20
SHORT = Limit(2, 20)
ALL_ALLOWED = (*graphs.TOOLS[:4], (".*", "(?!)"))


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with framework_jail(MEMORY) as made:
        yield made


@pytest.fixture(scope="module")
def one_student(jail: WarmJail) -> Iterator[Student]:
    with student_in(jail) as made:
        yield made


@pytest.fixture
def student(one_student: Student) -> Student:
    one_student._session.begin_test(LIMIT, seed=0)
    return one_student


@pytest.fixture(scope="module")
def one_room(jail: WarmJail) -> Iterator[Room]:
    with room_in(jail) as made:
        yield made


@pytest.fixture
def clean(one_room: Room) -> Room:
    one_room.begin_test(LIMIT, seed=0)
    return one_room


@pytest.fixture
def honest(student: Student) -> bytes:
    """The graph of an honest student."""
    blob: bytes = student.run(make, REGRESSION, "regression")
    return blob


def still_right(clean: Room, honest: bytes) -> bool:
    """Whether an honest graph that is evaluated next gives what it should."""
    clean.begin_test(LIMIT, seed=0)
    x = np.ones((2, 3), "float32")
    ((got,),) = clean.run_graph(honest, [(["prediction:0"], {"x:0": x, "w:0": x[:1].T})])
    return bool((got == 3).all())


OPERATIONS = {
    "ReadFile": "tf.io.read_file('/etc/passwd')",
    "WriteFile": "tf.io.write_file('/tmp/written', 'x')",
    "MatchingFiles": "tf.io.matching_files('/etc/*')",
    "PyFunc": "tf.numpy_function(lambda: np.float32(7), [], tf.float32)",
    "PyFuncStateless": "tf.numpy_function(lambda: np.float32(7), [], tf.float32, stateful=False)",
    "EagerPyFunc": "tf.py_function(lambda: 7.0, [], tf.float32)",
    "SaveV2": "tf.raw_ops.SaveV2(prefix='/tmp/written', tensor_names=['a'], shape_and_slices=[''], tensors=[1.0])",
    "RestoreV2": "tf.raw_ops.RestoreV2(prefix='x', tensor_names=['a'], shape_and_slices=[''], dtypes=[tf.float32])[0]",
    "MergeV2Checkpoints": "tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=['/tmp/x'], destination_prefix='/tmp/y')",
    "PrintV2": "tf.print('x', output_stream='file:///tmp/written')",
    "ImmutableConst": "tf.raw_ops.ImmutableConst(dtype='uint8', shape=[8], memory_region_name='/etc/passwd')",
    "TextLineDataset": "tf.data.TextLineDataset('/etc/passwd')._variant_tensor",
    "DecodeProtoV2": "tf.io.decode_proto(b'', 'm', ['f'], ['float'], descriptor_source='/etc/passwd')[0]",
    "DebugIdentityV2": "tf.raw_ops.DebugIdentityV2(input=1.0, debug_urls=['file:///tmp/written'])",
    "CreateSummaryFileWriter": (
        "tf.raw_ops.CreateSummaryFileWriter(writer=tf.raw_ops.SummaryWriter(shared_name='', container=''),"
        " logdir='/tmp/written', max_queue=1, flush_millis=1, filename_suffix='x')"
    ),
    "Abort": "tf.raw_ops.Abort(error_msg='x')",
}
PLACES = {
    "in the graph": "attack()",
    "in a function": "tf.function(attack, autograph=False)()",
    "in a branch of a function's function": (
        "tf.function(lambda: tf.cond(tf.equal(v1.placeholder_with_default(1, []), 1),"
        " lambda: tf.function(attack, autograph=False)(), attack), autograph=False)()"
    ),
}


def graph_with(operation: str, place: str = "attack()") -> str:
    """Source of a graph that holds the operation there, and whose tensor ``out:0`` needs it."""
    return (
        GRAPH
        + f"""
def attack():
    did = {operation}
    with tf.control_dependencies([did] if did is not None else tf.compat.v1.get_default_graph().get_operations()):
        return did if getattr(did, "dtype", None) == tf.string and did.shape.rank == 0 else tf.constant(b"done")

def evil():
    return in_graph(lambda: tf.identity({place}, name="out"))
"""
    )


FETCH: Any = [(["out:0"], {})]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_graph_reaches_files_python_or_the_network(student: Student, clean: Room, name: str, place: str) -> None:
    """It must not be evaluated at all, wherever in the graph the operation is hidden."""
    blob = student.run(make, graph_with(OPERATIONS[name], PLACES[place]), "evil")
    with pytest.raises(CheckFailed, match=rf"^the graph contains (\w+, )*{name}[:,]"):
        clean.run_graph(blob, FETCH)
    assert not clean.run(exists, "/tmp/written")


@probe
def exists(path):  # type: ignore[no-untyped-def]
    import os

    return os.path.exists(path)


@pytest.mark.parametrize("place", PLACES)
def test_without_the_list_files_are_read_and_written(
    jail: WarmJail, student: Student, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "TOOLS", ALL_ALLOWED)
    with room_in(jail) as clean:
        reads = student.run(make, graph_with(OPERATIONS["ReadFile"], PLACES[place]), "evil")
        assert b"student" in clean.run_graph(reads, FETCH)[0][0].item()  # type: ignore[union-attr]
        writes = student.run(make, graph_with(OPERATIONS["WriteFile"], PLACES[place]), "evil")
        clean.run_graph(writes, FETCH)
        assert clean.run(exists, "/tmp/written")


def test_python_in_a_graph_runs_only_where_it_came_from(
    jail: WarmJail, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not bring back what its Python says, even without the list; in the student's kernel it does."""
    source = graph_with(OPERATIONS["PyFunc"]).replace("tf.constant(b", "tf.strings.as_string(did) + tf.constant(b")
    blob = student.run(make, source, "evil")
    monkeypatch.setattr(graphs, "TOOLS", ALL_ALLOWED)
    assert b"7" in student.run(graphs.evaluate_graph, graphs.TOOLS, blob, FETCH)[1][0][0].item()
    with room_in(jail) as clean, pytest.raises(StudentError, match="Could not find callback"):
        clean.run_graph(blob, FETCH)


@pytest.mark.parametrize("place", PLACES)
def test_what_nobody_asks_for_is_left_out(student: Student, clean: Room, place: str) -> None:
    """An operation beside the fetched ones, a saver's say, must neither be run nor cost an honest student the test."""
    operation = f"tf.fill([tf.strings.length({OPERATIONS['ReadFile']})], {OPERATIONS['PyFunc']})"
    source = graph_with(operation, PLACES[place]).replace(
        "lambda: tf.identity", "lambda: tf.constant(4, name='asked') is None or tf.identity"
    )
    blob = student.run(make, source, "evil")
    assert "ReadFile" in {node["op"] for node in clean.graph_nodes(blob)}
    assert clean.run_graph(blob, [(["asked:0"], {})]) == [[4]]
    with pytest.raises(CheckFailed):
        clean.run_graph(blob, [(["asked:0"], {}), (["out:0"], {})])


@probe
def operations_that_name_a_place(tools, places):  # type: ignore[no-untyped-def]
    import re

    import tensorflow as tf
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    operations = op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    _, called_functions, _, refused_operations, rules = tools
    found, let_through = 0, []
    for operation in operations.op:
        names = " ".join(part.name for part in [*operation.input_arg, *operation.output_arg, *operation.attr])
        if re.search(
            "file|(?<!top_)path|dir(?!ection)|url|address|prefix|host_|token|memory_region|descriptor", names, re.I
        ):
            found += 1
            graph = tf.compat.v1.GraphDef()
            graph.node.add(op=operation.name)
            if not refused_operations(called_functions, rules, graph):
                let_through.append((operation.name, names))
    return found, let_through


def test_every_operation_that_takes_a_place_is_refused(clean: Room) -> None:
    """By the names of their inputs and attributes, of all that this TensorFlow has; the next one may have more."""
    places = "file|(?<!top_)path|dir(?!ection)|url|address|prefix|host_|token|memory_region|descriptor"
    found, let_through = clean.run(operations_that_name_a_place, graphs.TOOLS, places)
    assert found > 60
    assert not let_through


@probe
def crafted(how):  # type: ignore[no-untyped-def]
    """Graphs that no framework would write."""
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef()
    node = graph.node.add(name="out", op="PartitionedCall")
    if how == "an operation's name as a function":
        node.attr["f"].func.name = "ReadFile"
    elif how == "a function inside an attribute's attribute":
        node.attr["f"].func.name = "f"
        node.attr["f"].func.attr["g"].list.func.add(name="WriteFile")
        graph.library.function.add().signature.name = "f"
    elif how == "a function of an operation's name":
        graph.library.function.add().signature.name = "ReadFile"
        node.op = "ReadFile"
    elif how == "an operation that nobody knows":
        node.op = "OfMyOwn"
    elif how == "the runtime's own":
        node.op = "_Send"
    elif how == "a call to another machine":
        node.op = "RpcClient"
    return graph.SerializeToString()


@pytest.mark.parametrize(
    ("how", "name"),
    {
        "an operation's name as a function": "ReadFile",
        "a function inside an attribute's attribute": "WriteFile",
        "a function of an operation's name": "ReadFile",
        "an operation that nobody knows": "OfMyOwn",
        "the runtime's own": "_Send",
        "a call to another machine": "RpcClient",
    }.items(),
)
def test_crafted_graphs_hide_nothing(student: Student, clean: Room, how: str, name: str) -> None:
    """Reaching an operation by another door must not help."""
    with pytest.raises(CheckFailed, match=f"the graph contains {name}:"):
        clean.run_graph(student.run(crafted, how), FETCH)


EVIL_MODEL = (
    MODULE
    + """
class Writing(tf.lookup.KeyValueTensorInitializer):
    def initialize(self, table):
        with tf.control_dependencies([tf.io.write_file("/tmp/written", "x")]):
            return super().initialize(table)

class Evil(tf.Module):
    @tf.function(input_signature=[], autograph=False)
    def called(self):
        return {"said": tf.io.read_file("/etc/passwd")}
    def __init__(self, when):
        if when == "loaded":
            self.table = tf.lookup.StaticHashTable(Writing([1, 2], [10, 20]), -1)

def when_called():
    module = Evil("called")
    tf.saved_model.save(module, "evil", signatures={"called": module.called})

def when_loaded():
    module = Evil("loaded")
    module.called = tf.function(lambda: {"n": module.table.lookup(tf.constant([1]))}, input_signature=[])
    tf.saved_model.save(module, "evil", signatures={"called": module.called})
"""
)
CALL: Any = [("called", {})]


@pytest.fixture
def evil_model(student: Student, request: pytest.FixtureRequest) -> dict[str, bytes]:
    student.run(make, "import shutil\ndef gone(): shutil.rmtree('evil', ignore_errors=True)", "gone")
    student.run(make, EVIL_MODEL, request.param)
    files: dict[str, bytes] = student.run(read_folder, "evil")
    return files


@pytest.mark.parametrize(
    ("evil_model", "name"), [("when_called", "ReadFile"), ("when_loaded", "WriteFile")], indirect=["evil_model"]
)
def test_no_saved_model_reaches_files(clean: Room, evil_model: dict[str, bytes], name: str) -> None:
    """Neither when a signature is called nor while it is loaded."""
    with pytest.raises(CheckFailed, match=f"the SavedModel contains {name}:"):
        clean.saved_model(evil_model, CALL)
    assert not clean.run(exists, "/tmp/written")


@pytest.mark.parametrize("evil_model", ["when_called", "when_loaded"], indirect=True)
def test_without_the_list_a_saved_model_does(
    jail: WarmJail, evil_model: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "TOOLS", ALL_ALLOWED)
    with room_in(jail) as clean:
        (got,) = clean.saved_model(evil_model, CALL)
        assert b"student" in got.get("said", np.array(b"")).item() or clean.run(exists, "/tmp/written")


@pytest.mark.parametrize("evil_model", ["when_called"], indirect=True)
def test_another_model_in_the_same_folder_is_not_loaded(
    clean: Room, student: Student, evil_model: dict[str, bytes]
) -> None:
    """What was checked must be what is loaded: there are other names under which TensorFlow looks for a model."""
    student.run(make, MODULE, "export")
    files = student.run(read_folder, "model")
    beside = dict.fromkeys(("saved_model.cpb", "saved_model.pbtxt", "x/saved_model.pb"), evil_model["saved_model.pb"])
    (got,) = clean.saved_model(files | beside, [("scaled", {"x": np.ones((1, 3), "float32")})])
    assert got["scaled"].tolist() == [[6.0]]


FOLDER = """
import os, shutil
def prepare():
    os.unlink("trap") if os.path.islink("trap") else shutil.rmtree("trap", ignore_errors=True)
    shutil.rmtree("real", ignore_errors=True)
    os.makedirs("trap/variables")
    open("trap/saved_model.pb", "wb").write(b"x")
    {how}
"""
TRAPS = {
    "a link to a file": ("os.symlink('/etc/passwd', 'trap/passwd')", "'passwd' in 'trap' is a symbolic link"),
    "a link to a folder": ("os.symlink('/etc', 'trap/variables/etc')", "is a symbolic link"),
    "the folder is a link": ("os.rename('trap', 'real'); os.symlink('real', 'trap')", "is a symbolic link"),
    "a link to elsewhere": ("shutil.rmtree('trap'); os.symlink('/etc', 'trap')", "does not lie in the notebook's"),
    "a pipe": ("os.mkfifo('trap/pipe')", "is no regular file"),
    "1 GB": ("[os.truncate(os.open(f'trap/{n}', os.O_CREAT | os.O_WRONLY), 200 << 20) for n in range(5)]", "64 MiB"),
    "many files": ("[open(f'trap/{n}', 'w').close() for n in range(1001)]", "1000 files"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_only_a_folders_own_small_files_are_fetched(student: Student, trap: str) -> None:
    """Not a file of the machine, nor more than there is room for, nor anything that waits for ever."""
    how, complaint = TRAPS[trap]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    student.run(make, FOLDER.replace("{how}", how), "prepare")
    with pytest.raises(StudentError, match=complaint):
        student.run(read_folder, "trap")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10
    for elsewhere in ("/etc", "..", "trap/../../../etc"):
        with pytest.raises(StudentError, match="does not lie in the notebook's folder"):
            student.run(read_folder, elsewhere)


@probe
def read_naively(path):  # type: ignore[no-untyped-def]
    import os

    return {name: open(os.path.join(path, name), "rb").read() for name in os.listdir(path) if name != "variables"}


def test_without_the_look_at_links_a_file_of_the_machine_comes_along(student: Student) -> None:
    student.run(make, FOLDER.replace("{how}", TRAPS["a link to a file"][0]), "prepare")
    assert b"student" in student.run(read_naively, "trap")["passwd"]


NAMES = [
    "../written",
    "variables/../../written",
    "/tmp/written",
    "variables//x",
    "variables/./x",
    "a\0b",
    "v" * 500,
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_file_is_written_outside_a_models_folder(clean: Room, name: str) -> None:
    """A probe's reply can be forged: names must not lead out of the folder in the clean room."""
    with pytest.raises(CheckFailed, match="does not lie in its folder"):
        clean.saved_model({"saved_model.pb": b"", name: b"x"}, CALL)


def test_without_the_look_at_names_one_is(jail: WarmJail, student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    student.run(make, MODULE, "export")
    files = student.run(read_folder, "model") | {"variables/../../written": b"x"}
    monkeypatch.setattr(room, "_checked_files", lambda files, what: files)
    with room_in(jail) as clean:
        clean.saved_model(files, [])
        assert clean.run(exists, "/tmp/written")


def test_forged_sizes_are_refused_here(clean: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """More must not be evaluated than is accepted, whatever the probe in the student's kernel let pass."""
    large = {"saved_model.pb": b"", **{f"variables/{n}": bytes(16 << 20) for n in range(5)}}
    with pytest.raises(CheckFailed, match="more than 64 MiB"):
        clean.saved_model(large, CALL)
    with pytest.raises(CheckFailed, match="1001 files"):
        clean.saved_model({str(n): b"" for n in range(1001)}, CALL)
    with pytest.raises(CheckFailed, match="65 MiB, 64 are accepted"):
        clean.run_graph(bytes(65 << 20), FETCH)
    monkeypatch.setattr(room, "MAX_BYTES", 1 << 30)
    with pytest.raises(StudentError, match="SavedModel|saved_model"):
        clean.saved_model(large, CALL)


BOMBS = """
import io, os, pickle, torch
class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/written",)
def saved(what):
    file = io.BytesIO()
    torch.save(what, file)
    return file.getvalue()
def in_a_file():
    return saved({"weight": Bomb()})
def bare():
    return pickle.dumps({"weight": Bomb()})
def huge():
    return saved({"weight": torch.zeros(1).expand(1 << 40)})
"""


@pytest.mark.parametrize("bomb", ["in_a_file", "bare", "huge"])
def test_no_state_dict_runs_code_or_fills_memory(student: Student, clean: Room, bomb: str) -> None:
    """Reading it must not run a command, nor take a terabyte for one number."""
    with pytest.raises(StudentError):
        clean.state_dict(student.run(make, BOMBS, bomb))
    assert not clean.run(exists, "/tmp/written")


@probe
def load_with_pickle(blob):  # type: ignore[no-untyped-def]
    import io

    import torch

    torch.load(io.BytesIO(blob), weights_only=False)


def test_with_pickle_the_bomb_goes_off(jail: WarmJail, student: Student) -> None:
    with room_in(jail) as clean:
        clean.run(load_with_pickle, student.run(make, BOMBS, "in_a_file"))
        assert clean.run(exists, "/tmp/written")


LITE = (
    GRAPH
    + """
def model(operation, supported):
    function = tf.function(operation, autograph=False).get_concrete_function(tf.TensorSpec([2], tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.target_spec.supported_ops = supported
    return converter.convert()
def flex():
    both = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return model(lambda x: tf.strings.length(tf.io.read_file("/etc/passwd")) + tf.cast(x[0], tf.int32), both)
def plain():
    return model(lambda x: tf.nn.relu(x) + 1, [tf.lite.OpsSet.TFLITE_BUILTINS])
"""
)


def test_no_tflite_model_brings_tensorflows_operations(student: Student, clean: Room) -> None:
    """A TFLite model can carry TensorFlow's ReadFile: it must not be run, as interpreters do that have the delegate."""
    student._session.channel.limit(Limit(30, 90))
    blob = student.run(make, LITE, "flex")
    with pytest.raises(CheckFailed, match="the TFLite model contains FlexReadFile"):
        clean.tflite(blob, [[np.zeros(2, "float32")]])
    with pytest.raises(CheckFailed, match="the TFLite model contains FlexReadFile"):
        clean.tflite_details(blob)


def test_random_bytes_are_the_students_failure(student: Student, clean: Room, honest: bytes) -> None:
    """They must not become our fault, nor the next student's."""
    student._session.channel.limit(Limit(30, 90))
    lite = student.run(make, LITE, "plain")
    student.run(make, MODULE, "export")
    files, state = student.run(read_folder, "model"), student.run(make, STATE, "saved")
    rng = np.random.default_rng(0)

    scale = [("scaled", {"x": np.ones((2, 3), "float32")})]

    def scattered(blob: bytes) -> bytes:
        data = bytearray(blob)
        for place in rng.integers(0, len(data), rng.integers(1, 30)):
            data[place] = rng.integers(0, 256)
        return bytes(data)

    calls = [
        lambda spoilt: clean.run_graph(spoilt(honest), [(["prediction:0"], {"x:0": np.ones((2, 3))})]),
        lambda spoilt: clean.graph_nodes(spoilt(honest)),
        lambda spoilt: clean.saved_model(files | {"saved_model.pb": spoilt(files["saved_model.pb"])}, scale),
        lambda spoilt: clean.saved_model({n: spoilt(f) if "var" in n else f for n, f in files.items()}, scale),
        lambda spoilt: clean.tflite(spoilt(lite), [[np.zeros(2, "float32")]]),
        lambda spoilt: clean.state_dict(spoilt(state)),
    ]
    ends = []
    for spoilt in [lambda blob: rng.bytes(200), *[scattered] * 12]:
        for call in calls:
            clean.begin_test(LIMIT, seed=0)
            try:
                call(spoilt)
                ends.append("passed")
            except (StudentError, CheckFailed) as error:
                ends.append(type(error).__name__)
    assert ends[: len(calls)] == ["StudentError"] * len(calls)
    assert still_right(clean, honest)


HIDDEN = """
import pytest
from autograder.grading import assert_close, probe

@probe
def exported(build):
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def().SerializeToString()

def judge(student, clean, build):
    ((got,),) = clean.run_graph(student.run(exported, build), [(["out:0"], {})])
    assert_close(got, 2.0, what="out")

@pytest.mark.points(1)
def test_first(student, clean):
    judge(student, clean, student.first)

@pytest.mark.points(1)
def test_second(student, clean):
    judge(student, clean, student.second)

@pytest.mark.points(1)
def test_the_notebook_goes_on(student):
    assert_close(student.count(), 1.0, what="count")
"""
ANSWER = """
import tensorflow as tf
calls = 0
def count():
    global calls
    calls += 1
    return float(calls)
def second():
    tf.constant(2.0, name="out")
"""
ENDLESS = """
def first():
    loop = tf.while_loop(lambda i: i > -1, lambda i: (i + 1) % 7, [tf.constant(0)])
    tf.identity(loop[0], name="out")
"""
HUGE = """
def first():
    gigabytes = tf.compat.v1.placeholder_with_default(tf.constant({floats}, tf.int64), [])
    tf.identity(2 * tf.reduce_max(tf.fill([gigabytes], 1.0)), name="out")
"""


def outcomes(
    jail: WarmJail, folder: Path, answer: str, off: tuple[str, ...] = (), limit: Limit = SHORT
) -> dict[str, str]:
    """Outcomes of the three tests above on an answer."""
    course = tiny.write_course(folder, "evil_graphs", {"double": HIDDEN})
    limits = Limits(test=limit)
    graded = grade_notebook(
        tiny.submission(ANSWER + answer),
        tiny.sprint(course, "evil_graphs"),
        kernels=kernels_of(jail, off),
        limits=limits,
        seed="s",
    )
    return tiny.outcomes(graded.results)


def test_an_endless_loop_in_a_graph_costs_one_test(jail: WarmJail, tmp_path: Path) -> None:
    """Neither the other tests nor the notebook's state may suffer."""
    got = outcomes(jail, tmp_path, ENDLESS)
    assert got == {"test_first": "timeout", "test_second": "passed", "test_the_notebook_goes_on": "passed"}


def test_a_hundred_gigabytes_cost_one_test(jail: WarmJail, tmp_path: Path) -> None:
    """They must not be had, and the next test finds a clean room in order."""
    got = outcomes(jail, tmp_path, HUGE.replace("{floats}", str(25 * 10**9)))
    assert got.pop("test_first") in ("error", "crashed")
    assert set(got.values()) == {"passed"}


@pytest.mark.slow
def test_the_limit_on_memory_is_what_stops_it(jail: WarmJail, tmp_path: Path) -> None:
    """With a size that this machine has: beyond the jail's limit, and there without it."""
    more = HUGE.replace("{floats}", str((MEMORY + (256 << 20)) // 4))
    limit = Limit(15, 90)
    assert outcomes(jail, tmp_path / "on", more, limit=limit)["test_first"] in ("error", "crashed")
    assert outcomes(jail, tmp_path / "off", more, ("memory_limit",), limit)["test_first"] == "passed"


FORGERIES = {
    "text": "'graph'",
    "nothing": "None",
    "an object": "object()",
    "its own bytes": "type('Bytes', (bytes,), {})(b'')",
    "a list": "[b'']",
    "nested": "__import__('functools').reduce(lambda x, _: [x], range(55), b'')",
    "too large": "bytes(100 << 20)",
    "no graph": "b'no graph'",
    "an empty graph": "b''",
}


@pytest.mark.parametrize("reply", FORGERIES)
def test_forged_replies_earn_nothing_and_break_nothing(jail: WarmJail, tmp_path: Path, reply: str) -> None:
    """What comes instead of a graph must be the student's failure, neither points nor a fault of ours."""
    forged = f"""
class Forged:
    def SerializeToString(self):
        return {FORGERIES[reply]}
tf.Graph.as_graph_def = lambda self: Forged()
def first():
    pass
"""
    got = outcomes(jail, tmp_path, forged)
    assert got.pop("test_the_notebook_goes_on") == "passed"
    assert set(got.values()) <= {"failed", "error", "crashed"}


def test_data_nested_as_deep_as_may_cross_is_the_students_failure(student: Student, clean: Room) -> None:
    """A reply that barely arrives cannot be sent on; that must not look like a fault of the grader's."""
    deep = student.run(make, "def deep():\n    x = []\n    for _ in range(63):\n        x = [x]\n    return x", "deep")
    with pytest.raises(CheckFailed, match="nested deeper"):
        clean.run(exists, deep)
