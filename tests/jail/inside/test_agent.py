"""Does the agent answer every request with one answer, whatever the student's objects do?"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.jail.inside import agent as agent_module
from autograder.jail.inside import tracebacks, wire
from autograder.jail.inside.agent import Agent
from autograder.jail.inside.tracebacks import without_frames
from autograder.jail.inside.values import MAX_DEPTH, ProbeSource, Reference
from autograder.jail.inside.wire import Decoder

Ask = Callable[..., list[Any]]


def answers(agent: Agent, *requests: object, stop: object = "stop") -> list[Any]:
    """What the agent says to these requests, served in this thread."""
    here, there = socket.socketpair()
    with here, there:
        for size in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            here.setsockopt(socket.SOL_SOCKET, size, 1 << 20)
            there.setsockopt(socket.SOL_SOCKET, size, 1 << 20)
        for request in (*requests, stop):
            wire.send(here, request)
        agent.serve(there)
        got = []
        for _ in requests:
            head, blob = wire.receive(here)
            got.append(Decoder(blob).decode(head))
        return got


def ask(agent: Agent, operation: str, *args: object, keep: bool = False, **kwargs: object) -> Any:
    """Status and payload of the answer to one request."""
    ((number, status, payload),) = answers(agent, (5, operation, keep, list(args), kwargs))
    assert number == 5
    return status, payload


class Hostile(type):
    """A metaclass that lies and raises."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise SystemExit(3)

    @property
    def __mro__(cls) -> Any:
        raise SystemExit(3)


class LoopingText(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Unprintable(Exception):
    def __str__(self) -> str:
        return 3  # type: ignore[return-value]


class Named(Exception, metaclass=Hostile):
    pass


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture(autouse=True)
def our_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a kernel the agent's file has a name of this form."""
    for module in (agent_module, tracebacks):
        monkeypatch.setattr(module, "FILE_PREFIX", str(agent_module.__file__))


@pytest.fixture
def agent() -> Agent:
    return Agent({"three": 3, "thing": object(), "double": lambda x: 2 * x, "np": np})


def test_a_probe_that_comes_again_is_a_function_of_its_own() -> None:
    """Its code is kept, but what it keeps in a default value belongs to one request."""
    agent, probe = Agent({}), ProbeSource("count", "def count(seen=[]):\n    seen.append(1)\n    return len(seen)\n")
    assert [ask(agent, "call", probe) for _ in range(2)] == [("ok", 1), ("ok", 1)]


def test_probes_of_one_name_are_told_apart_by_their_source() -> None:
    agent = Agent({})
    one, other = (ProbeSource("give", f"def give():\n    return {n}\n") for n in (1, 2))
    assert [ask(agent, "call", probe) for probe in (one, other, one)] == [("ok", 1), ("ok", 2), ("ok", 1)]


def test_data_is_answered_by_value_and_objects_by_number(agent: Agent) -> None:
    assert ask(agent, "name", "three") == ("ok", 3)
    assert ask(agent, "name", "thing") == ("ok", Reference(1, "object"))
    assert ask(agent, "name", "thing") == ("ok", Reference(1, "object")), "one object, one number"
    assert ask(agent, "name", "three", keep=True) == ("ok", Reference(2, "int"))
    assert ask(agent, "call", Reference(2, ""), keep=True)[0] == "raised"


def test_requests_are_answered_in_order(agent: Agent) -> None:
    requests = [(n, "value", False, [n], {}) for n in range(20)]
    assert answers(agent, *requests) == [(n, "ok", n) for n in range(20)]


def test_a_new_test_begins_without_objects(agent: Agent) -> None:
    ask(agent, "name", "thing")
    ask(agent, "begin", 0)
    assert not agent.objects
    status, payload = ask(agent, "value", Reference(1, ""))
    assert (status, payload["types"][0]) == ("raised", "KeyError")


def test_objects_are_bounded(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "MAX_OBJECTS", 10)
    agent.namespace["many"] = [object() for _ in range(11)]
    assert ask(agent, "name", "many") == ("refused", "the test holds more than 10 objects")


def test_a_probe_is_compiled_here_and_only_here(agent: Agent) -> None:
    probe = ProbeSource("f", "def f(x):\n    import math\n    return math.floor(x)")
    assert ask(agent, "call", probe, 2.5) == ("ok", 2)
    status, payload = ask(agent, "call", ProbeSource("f", "def f(:"))
    assert (status, payload["types"][0]) == ("raised", "SyntaxError")


@pytest.mark.parametrize("name", ["__import__", "eq", "", "lt.__class__", "attrgetter"])
def test_only_offered_operators_are_performed(agent: Agent, name: str) -> None:
    assert ask(agent, "operator", name, 1, 2) == ("refused", f"operator {name} is not offered")


@pytest.mark.parametrize("operation", ["nothing", "", "_describe", "__init__"])
def test_only_offered_operations_are_performed(agent: Agent, operation: str) -> None:
    assert ask(agent, operation)[0] == "raised"


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        LoopingText(),
        Unprintable(),
        SystemExit(0),
        GeneratorExit(),
        KeyError(b"\xff"),
        RecursionError(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_any_exception_is_an_answer(agent: Agent, error: BaseException) -> None:
    agent.namespace["fail"] = fail = raising(error)
    number = ask(agent, "name", "fail")[1]
    status, payload = ask(agent, "call", number)
    assert status == "raised"
    assert payload["types"][0] == type(error).__name__
    assert isinstance(payload["message"], str)
    assert "fail" in payload["traceback"]
    assert fail


def test_a_class_that_lies_about_its_name_and_bases_is_an_answer(agent: Agent) -> None:
    agent.namespace.update(make=Named, fail=raising(Named()))
    for name in ("make", "fail"):
        number = ask(agent, "name", name)[1]
        status, _ = ask(agent, "call", number)
        assert status in ("raised", "interrupted")


def test_messages_are_bounded(agent: Agent) -> None:
    agent.namespace["fail"] = raising(ValueError("x" * 10_000_000))
    number = ask(agent, "name", "fail")[1]
    assert len(ask(agent, "call", number)[1]["message"]) == tracebacks.MAX_MESSAGE


@pytest.mark.parametrize("depth", [100, 100_000])
def test_a_deep_result_is_refused(agent: Agent, depth: int) -> None:
    value: Any = []
    for _ in range(depth):
        value = [value]
    agent.namespace["deep"] = value
    assert ask(agent, "name", "deep") == ("refused", f"the value is nested deeper than {MAX_DEPTH} levels")
    assert ask(agent, "call", ProbeSource("f", "def f(): return 1")) == ("ok", 1), "and the next request is answered"
    while value:
        (value,) = value


def test_a_deep_recursion_leaves_the_agent_able_to_answer(agent: Agent) -> None:
    probe = ProbeSource("f", "def f(n=0):\n    return f(n + 1)")
    status, payload = ask(agent, "call", probe)
    assert (status, payload["types"][0]) == ("raised", "RecursionError")
    assert payload["traceback"] == "", "frames of probes are not the student's"


@pytest.mark.parametrize(
    "request_",
    [
        5,
        None,
        [],
        (1,),
        (1, "name"),
        ("x", "name", False, [], {}),
        (1, "name", False, 5, {}),
        (1, "call", 0, [1], {1: 2}),
    ],
    ids=repr,
)
def test_a_malformed_request_is_an_answer(agent: Agent, request_: object) -> None:
    ((_, status, _),) = answers(agent, request_)
    assert status in ("raised", "refused")


def test_serving_ends_with_the_other_side(agent: Agent) -> None:
    here, there = socket.socketpair()
    with there:
        here.close()
        agent.serve(there)


def test_an_interrupt_between_requests_is_ignored(agent: Agent) -> None:
    here, there = socket.socketpair()
    with here, there:

        def drive() -> None:
            os.kill(os.getpid(), signal.SIGINT)
            wire.send(here, (1, "value", False, ["alive"], {}))
            got.append(wire.receive(here))
            wire.send(here, "stop")

        got: list[Any] = []
        thread = threading.Timer(0.1, drive)
        thread.start()
        agent.serve(there)
        thread.join()
        head, blob = got[0]
        assert Decoder(blob).decode(head) == (1, "ok", "alive")


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    while True: pass",
        "def f():\n    class E(Exception):\n        def __str__(self):\n            while True: pass\n    raise E",
        "def f():\n    import time\n    time.sleep(60)",
    ],
    ids=["loop", "endless text", "sleep"],
)
def test_an_interrupt_stops_the_request_and_not_the_agent(agent: Agent, code: str) -> None:
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    first, second = answers(
        agent,
        (1, "call", False, [ProbeSource("f", code)], {}),
        (2, "value", False, [2], {}),
    )
    timer.join()
    assert first[:2] in ((1, "interrupted"), (1, "raised"))
    assert second == (2, "ok", 2)


def test_serving_puts_the_old_signal_handler_back(agent: Agent) -> None:
    before = signal.getsignal(signal.SIGINT)
    answers(agent)
    assert signal.getsignal(signal.SIGINT) is before


def test_seeding_is_the_same_for_the_same_number(agent: Agent) -> None:
    ask(agent, "begin", 1 << 62)
    first = np.random.rand()
    ask(agent, "begin", 1 << 62)
    assert np.random.rand() == first


def test_frames_of_ours_are_left_out_of_tracebacks() -> None:
    agent = Agent({}, lambda name: "In [7]" if name == "cell" else None)
    scope: dict[str, Any] = {}
    exec(compile("def inner(f):\n    return f()", "cell", "exec"), scope)  # noqa: S102
    agent.namespace.update(scope)
    number = ask(agent, "name", "inner")[1]
    status, payload = ask(agent, "call", number, ProbeSource("boom", "def boom(): return 1 / 0"))
    assert status == "raised"
    lines = payload["traceback"].splitlines()
    assert [line for line in lines if "In [7], line 2, in inner" in line]
    assert "agent.py" not in payload["traceback"]
    assert "boom" not in payload["traceback"]


def test_of_a_librarys_frames_in_a_row_the_last_is_shown() -> None:
    agent = Agent({}, lambda name: "In [7]" if name == "cell" else None)
    scope: dict[str, Any] = {"json": json}
    exec(compile("def parse(x):\n    return json.loads(x)", "cell", "exec"), scope)  # noqa: S102
    agent.namespace.update(scope)
    number = ask(agent, "name", "parse")[1]
    frames = [line for line in ask(agent, "call", number, "{")[1]["traceback"].splitlines() if ", in " in line]
    assert frames[0] == "In [7], line 2, in parse"
    assert [frame.partition(",")[0] for frame in frames[1:]] == ["decoder.py"]


def test_stack_traces_in_messages_keep_the_frames_of_cells_only() -> None:
    """Is what TensorFlow says readable, and silent about where Python lies?"""
    message = """in user code:

    File "/tmp/ipykernel_2/1.py", line 3, in f  *
        return tf.stack(sums)
    File "/srv/python/site-packages/tensorflow/a.py", line 144, in capture
        graph.validate(tensor)  # pylint
        and more
    ValueError: a File "x", line 1, in words
"""
    said = without_frames(message, lambda name: "In [7]" if "ipykernel" in name else None)
    assert said.splitlines() == [
        "in user code:",
        "",
        "    In [7], line 3, in f  *",
        "        return tf.stack(sums)",
        '    ValueError: a File "x", line 1, in words',
    ]
