"""Does no operation reach files, Python or the network, wherever in a graph or a model it is hidden?"""

from __future__ import annotations

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import probe, read_folder
from autograder.grading.clean_room import graphs
from autograder.grading.student import Student
from autograder.jail.warm import WarmJail
from tests.support.artifacts import CALL, FETCH, GRAPH, MODULE, Room, exists, make, room_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
ALL_ALLOWED = (*graphs.TOOLS[:4], (".*", "(?!)"))
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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_graph_reaches_files_python_or_the_network(student: Student, clean: Room, name: str, place: str) -> None:
    """It must not be evaluated at all, wherever in the graph the operation is hidden."""
    blob = student.run(make, graph_with(OPERATIONS[name], PLACES[place]), "evil")
    with pytest.raises(CheckFailed, match=rf"^the graph contains (\w+, )*{name}[:,]"):
        clean.run_graph(blob, FETCH)
    assert not clean.run(exists, "/tmp/written")


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
