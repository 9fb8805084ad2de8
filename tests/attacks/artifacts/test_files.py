"""Do bytes and files that no framework wrote stay where they are, run nothing, and cost their student only?"""

from __future__ import annotations

import resource

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import probe, read_folder
from autograder.grading.clean_room import checks, room
from autograder.grading.limits import Limit
from autograder.grading.student import Student
from autograder.jail.warm import WarmJail
from tests.support.artifacts import CALL, FETCH, GRAPH, LIMIT, MODULE, REGRESSION, STATE, Room, exists, make, room_in
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


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
    monkeypatch.setattr(room, "checked_files", lambda files, what: files)
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
    monkeypatch.setattr(checks, "MAX_BYTES", 1 << 30)
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


def test_data_nested_as_deep_as_may_cross_is_the_students_failure(student: Student, clean: Room) -> None:
    """A reply that barely arrives cannot be sent on; that must not look like a fault of the grader's."""
    deep = student.run(make, "def deep():\n    x = []\n    for _ in range(63):\n        x = [x]\n    return x", "deep")
    with pytest.raises(CheckFailed, match="nested deeper"):
        clean.run(exists, deep)
