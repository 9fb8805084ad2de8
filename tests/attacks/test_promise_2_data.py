"""Promise 2: only data crosses, bounded in size, depth and time; files beside the notebook have no effect here."""

from __future__ import annotations

import os
import pickle
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest

from autograder.errors import PlatformFault
from autograder.grading import engine
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.results import Results
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail import ordinary_kernel as kernel_module
from autograder.jail.inside import decode, wire
from autograder.jail.inside.values import WireError
from autograder.jail.inside.wire import Decoder
from tests.support import tiny

Attack = Callable[..., Results]

RAW = """
import struct, sys
agent, wire = sys.modules["autograder.jail.inside.agent"], sys.modules["autograder.jail.inside.wire"]
packb, M = wire.msgpack.packb, 1 << 20
def frame(head, blob=b""):
    head = head if isinstance(head, bytes) else packb(head)
    return struct.pack(">II", len(head), len(blob)) + head + blob
def double(x):
    agent.Agent._answer = lambda self, request, blob: evil(request[1][0])
"""
REPLIES = {
    "1 GB announced": 'struct.pack(">II", 10, 1 << 30)',
    "1 GB of structure announced": 'struct.pack(">II", 1 << 30, 0)',
    "nested 10,000 deep": 'frame(b"\\x91" * 10_000 + b"\\xc0")',
    "an array of objects": 'frame(["t", [n, "ok", ["a", "|O", [1], 0, 8]]], bytes(8))',
    "an array larger than its bytes": 'frame(["t", [n, "ok", ["a", "<U0", [1 << 36], 0, 0]]])',
    "arrays that share bytes": 'frame(["t", [n, "ok", ["l", [["a", "|u1", [M], 0, M]] * 5000]]], bytes(M))',
    "code": 'frame(["t", [n, "ok", ["p", "f", "raise SystemExit"]]])',
    "an extension type": 'frame(["t", [n, "ok", wire.msgpack.ExtType(1, b"x")]])',
    "a pickle": '__import__("pickle").dumps(print) * 10',
    "half an answer": 'struct.pack(">II", 1000, 0)',
}


def peak() -> int:
    """The most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@pytest.fixture
def limit() -> Limit:
    return Limit(0.5, 1.5)


def test_no_reply_costs_more_than_the_students_test(student_run: NotebookRun, limit: Limit) -> None:
    """Each through a real kernel whose agent was replaced; the next test finds a new kernel."""
    before, started = peak(), time.monotonic()
    for reply in list(REPLIES.values()):
        session = student_run.session()
        session.begin_test(limit, seed=0)
        student = Student(session)
        student.define(RAW + f"def evil(n): return {reply}")
        student.define("double_first = double; double_first(0)")
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which of two is a matter of the reply
            student.double(1.0)
        assert type(caught.value).__name__ in ("StudentCrash", "StudentTimeout")
    assert peak() - before < 400
    assert time.monotonic() - started < 90


def test_hostile_text_as_a_result_stays_text(attack_one: Attack) -> None:
    results = attack_one("def double(x):\n    return '__import__(\"os\")._exit(1)'")
    assert (results.score, results.status) == (0, "graded")


FILES = {
    "conftest.py": "import os\nos._exit(0)",
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    "sitecustomize.py": "raise SystemExit(0)",
} | dict.fromkeys(
    [
        "torch.py",
        "numpy.py",
        "msgpack.py",
        "json.py",
        "random.py",
        "pytest.py",
        "autograder.py",
        "ipykernel_launcher.py",
    ],
    "raise SystemExit(0)",
)


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content)
    return folder


def test_files_beside_the_notebook_change_nothing(
    attack: Attack, trapped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trapped)
    results = attack(*tiny.ANSWERS, files=trapped)
    assert (results.score, results.status) == (7, "graded")
    assert not any(str(trapped) in (getattr(m, "__file__", "") or "") for m in list(sys.modules.values()))


# with the protections taken out


def test_without_our_own_settings_a_students_decide(
    attack: Attack, trapped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # without our settings pytest imports by name, and may find another course's tests of that name
    for name in [name for name in sys.modules if name.split(".")[0] == "tiny"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(engine, "INI", trapped / "pytest.ini")
    assert attack(*tiny.ANSWERS, files=trapped).status == "broken", "--collect-only was obeyed"


def test_with_files_there_from_the_start_a_kernel_does_not_start(
    trapped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = kernel_module.OrdinaryKernel.start

    def too_early(self: Any, cwd: Path, environment: dict[str, str]) -> None:
        for path in trapped.iterdir():
            (cwd / path.name).write_text(path.read_text())
        started(self, cwd, environment)

    monkeypatch.setattr(kernel_module.OrdinaryKernel, "start", too_early)
    monkeypatch.setattr(kernel_module, "STARTUP_S", 5)
    with pytest.raises(PlatformFault):
        kernel_module.ordinary_kernel(None)


def frame_of(head: Any, blob: bytes = b"") -> Any:
    packed = msgpack.packb(head)
    item, rest = wire.receive(_Stream(len(packed).to_bytes(4, "big") + len(blob).to_bytes(4, "big") + packed + blob))
    return Decoder(rest).decode(item)


class _Stream:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv_into(self, buffer: memoryview) -> int:
        count = min(len(buffer), len(self.data))
        buffer[:count], self.data = self.data[:count], self.data[count:]
        return count

    def sendall(self, data: Any) -> None:
        raise AssertionError


def test_without_the_bound_on_size_a_gigabyte_is_made_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    announced = _Stream((1).to_bytes(4, "big") + (1 << 30).to_bytes(4, "big") + b"\xc0")
    with pytest.raises(WireError):
        wire.receive(announced)
    monkeypatch.setattr(wire, "MAX_BLOB", 1 << 31)
    room: list[int] = []
    monkeypatch.setattr(
        wire, "_exactly", lambda stream, n: room.append(n) or (b"\0\0\0\1\x40\0\0\0" if n == 8 else b"")
    )
    with pytest.raises(WireError):
        wire.receive(announced)
    assert 1 << 30 in room


def test_without_the_bound_on_depth_nesting_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    item: Any = None
    for _ in range(100):
        item = ["l", [item]]
    with pytest.raises(WireError, match="nested deeper"):
        frame_of(item)
    monkeypatch.setattr(decode, "MAX_DEPTH", 10_000)
    assert frame_of(item)


def test_without_the_rule_on_places_arrays_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = ["l", [["a", "|u1", [1 << 10], 0, 1 << 10]] * 50]
    with pytest.raises(WireError):
        frame_of(shared, bytes(1 << 10))
    monkeypatch.setattr(Decoder, "_read", property(lambda self: 0, lambda self, value: None), raising=False)
    assert sum(a.nbytes for a in frame_of(shared, bytes(1 << 10))) == 50 << 10


def test_without_the_bound_on_keys_collisions_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    item = ["d", [[["c", float(-1000003 * k), float(k)], 0] for k in range(5000)]]
    with pytest.raises(WireError, match="keys"):
        frame_of(item)
    monkeypatch.setattr(decode, "MAX_TAGGED_KEYS", 10_000)
    assert len(frame_of(item)) == 5000


class Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("exploded",)


def test_with_pickles_allowed_the_bomb_goes_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    poison = pickle.dumps(Bomb())
    with pytest.raises(WireError):
        frame_of(["P", poison])
    assert not Path("exploded").exists()
    tagged = Decoder._tagged

    def trusting(self: Decoder, tag: Any, rest: list[Any], depth: int) -> Any:
        return pickle.loads(rest[0]) if tag == "P" else tagged(self, tag, rest, depth)  # noqa: S301

    monkeypatch.setattr(Decoder, "_tagged", trusting)
    frame_of(["P", poison])
    assert Path("exploded").exists()


def test_with_probes_compiled_here_the_code_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    code = ["p", "f", "ran = []\nran.append(1)"]
    with pytest.raises(WireError, match="code came"):
        frame_of(code)
    scope: dict[str, Any] = {}
    monkeypatch.setattr(Decoder, "compile_probe", lambda self, probe: exec(probe.source, scope))  # noqa: S102
    frame_of(code)
    assert scope["ran"] == [1]


def test_a_session_decodes_as_strictly(session: Session) -> None:
    """The decoder in use is the strict one, not a relative that compiles."""
    decoder = session.channel._decoder(b"")
    with pytest.raises(WireError, match="code came"):
        decoder.decode(["p", "f", "def f(): pass"])
