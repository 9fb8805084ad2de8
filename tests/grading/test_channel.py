"""Does the channel survive a kernel that answers with anything, or with nothing?"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, cast

import msgpack
import numpy as np
import pytest

from autograder.errors import PlatformFault, StudentCrash, StudentError, StudentTimeout
from autograder.grading import channel as channel_module
from autograder.grading.allowance import Allowance
from autograder.grading.channel import MAX_TEXT, Channel
from autograder.grading.limits import Limit
from autograder.jail.inside import wire
from autograder.jail.inside.values import MAX_DEPTH, Reference
from autograder.jail.inside.wire import Decoder, Encoder
from autograder.jail.kernel import Kernel


class FakeKernel:
    """A kernel whose far end of the socket a test holds."""

    def __init__(self) -> None:
        self.stream, self.far = socket.socketpair()
        self.stream.setblocking(False)
        self.cpu, self.served, self.interrupts = 0.0, 0, 0
        self.running = True

    def serve(self) -> None:
        self.served += 1

    def lost(self) -> bool:
        return False

    def alive(self) -> bool:
        return self.running

    def cpu_seconds(self) -> float:
        return self.cpu

    def interrupt(self) -> None:
        self.interrupts += 1

    def terminate(self) -> None:
        self.running = False


@pytest.fixture
def kernel() -> Iterator[FakeKernel]:
    fake = FakeKernel()
    yield fake
    fake.stream.close()
    fake.far.close()


@pytest.fixture
def channel(kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(channel_module, "GRACE_S", 0.3)
    opened = Channel(cast(Kernel, kernel), Allowance(), Encoder, Decoder)
    opened.limit(Limit(10, 10))
    return opened


def reply(number: Any, status: Any, payload: Any) -> bytes:
    return Encoder().frame((number, status, payload))


def raw(head: Any, blob: bytes = b"") -> bytes:
    packed = msgpack.packb(head)
    return struct.pack(">II", len(packed), len(blob)) + packed + blob


def test_an_answer_is_returned(kernel: FakeKernel, channel: Channel) -> None:
    kernel.far.sendall(reply(1, "ok", [1, np.arange(3)]))
    one, array = channel.request("identity", 5, kwargs={"keep": 1}, keep=True)
    assert one == 1
    assert array.tolist() == [0, 1, 2]
    head, blob = wire.receive(kernel.far)
    assert Decoder(blob).decode(head) == (1, "identity", True, [5], {"keep": 1})
    assert kernel.served == 1


def test_an_exception_is_raised_here_as_data(kernel: FakeKernel, channel: Channel) -> None:
    about = {"types": ["Mine", "ValueError"], "message": "no", "traceback": "In [1]"}
    kernel.far.sendall(reply(1, "raised", about))
    with pytest.raises(StudentError, match="Mine: no") as caught:
        channel.request("call")
    assert caught.value.types == ("Mine", "ValueError")
    assert caught.value.traceback == "In [1]"


@pytest.mark.parametrize(
    "about",
    [
        None,
        5,
        {},
        {"types": 3, "message": 5, "traceback": None},
        {"types": [], "message": [Reference(1, "x")]},
        {"types": ["A" * 10_000] * 100, "message": "x" * 1_000_000, "traceback": "y" * 1_000_000},
        {"types": [None, [[]], np.ones(3)], "message": np.ones(10_000)},
    ],
    ids=lambda about: str(about)[:30],
)
def test_any_description_of_an_exception_is_bounded_text(kernel: FakeKernel, channel: Channel, about: object) -> None:
    threading.Thread(target=kernel.far.sendall, args=(reply(1, "raised", about),)).start()
    with pytest.raises(StudentError) as caught:
        channel.request("call")
    error = caught.value
    assert 1 <= len(error.types) <= channel_module.MAX_TYPES
    assert all(type(name) is str and len(name) <= 80 for name in error.types)
    assert len(error.message) <= MAX_TEXT
    assert len(error.traceback) <= MAX_TEXT


@pytest.mark.parametrize(
    "answer",
    [
        reply(2, "ok", "of tomorrow"),
        reply(0, "ok", 1),
        reply("1", "ok", 1),
        reply(1.0, "ok", 1),
        reply(None, "ok", 1),
        raw(["l", [1, "ok", 1]]),
        raw(["t", [1, "ok"]]),
        raw(["t", [1, "ok", 1, 1]]),
        raw("stop"),
        raw(["t", [1, ["h", 5, "x"], 1]]),
        raw(["t", [1, ["a", "|u1", [2], 0, 2], 1]], b"ok"),
        raw(["t", [1, "ok", ["p", "f", "def f(): pass"]]]),
        raw(["t", [1, "ok", ["a", "|O", [1], 0, 8]]], bytes(8)),
        raw(["x" * 1000]),
        struct.pack(">II", 1 << 30, 0),
        struct.pack(">II", 10, 1 << 30),
        struct.pack(">II", 20_000, 0) + b"\x91" * 20_000,
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"passed\n" * 10,
    ],
)
def test_an_answer_that_breaks_the_format_ends_the_kernel(kernel: FakeKernel, channel: Channel, answer: bytes) -> None:
    kernel.far.sendall(answer)
    with pytest.raises(StudentCrash):
        channel.request("call")
    assert not kernel.running
    assert not channel.usable
    with pytest.raises(StudentCrash):
        channel.request("call")


def test_a_description_of_an_exception_that_is_no_text_is_not_written_out() -> None:
    """As text it is four times as long, which is what happens without that."""
    about = {"types": [bytes(16 << 20)], "message": bytes(16 << 20), "traceback": slice(bytes(16 << 20))}
    tracemalloc.start()
    try:
        assert channel_module._student_error(about).message == f"{16 << 20} bytes"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        str(about["message"])
        assert tracemalloc.get_traced_memory()[1] > 60 << 20
    finally:
        tracemalloc.stop()


def test_a_status_nobody_knows_is_the_students_error(kernel: FakeKernel, channel: Channel) -> None:
    kernel.far.sendall(reply(1, "passed", {"points": 100}))
    with pytest.raises(StudentError):
        channel.request("call")


def test_a_refusal_is_the_students_error(kernel: FakeKernel, channel: Channel) -> None:
    kernel.far.sendall(reply(1, "refused", ["x" * 100_000]))
    with pytest.raises(StudentError) as caught:
        channel.request("call")
    assert caught.value.types == ("UnsendableResult",)
    assert len(caught.value.message) <= MAX_TEXT


@pytest.mark.parametrize("half", [b"", b"\x00\x00", struct.pack(">II", 100, 0) + b"\x93"])
def test_a_kernel_that_goes_away_is_a_crash(kernel: FakeKernel, channel: Channel, half: bytes) -> None:
    kernel.far.sendall(half)
    kernel.far.close()
    with pytest.raises(StudentCrash):
        channel.request("call")


def test_a_kernel_that_dies_with_its_socket_open_is_a_crash(kernel: FakeKernel, channel: Channel) -> None:
    threading.Timer(0.2, kernel.terminate).start()
    with pytest.raises(StudentCrash):
        channel.request("call")


def far_end(kernel: FakeKernel, action: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


def test_silence_is_interrupted_and_then_ended(kernel: FakeKernel, channel: Channel) -> None:
    channel.limit(Limit(10, 0.2))
    started = time.monotonic()
    with pytest.raises(StudentTimeout, match=r"0\.2 s"):
        channel.request("call")
    assert 0.4 < time.monotonic() - started < 3
    assert kernel.interrupts == 1
    assert not kernel.running


def test_a_channel_that_nobody_gave_a_limit_has_the_submissions(kernel: FakeKernel, channel: Channel) -> None:
    opened = Channel(cast(Kernel, kernel), Allowance(Limit(10, 0.2)), Encoder, Decoder)
    with pytest.raises(StudentTimeout, match=r"0\.2 s"):
        opened.request("begin")
    assert not kernel.running


def test_silence_of_a_kernel_that_computes_nothing_ends_earlier(kernel: FakeKernel, channel: Channel) -> None:
    channel.limit(Limit(10, 10, idle_s=0.2))
    with pytest.raises(StudentTimeout, match="computed nothing"):
        channel.request("call")
    assert channel.unanswered


def test_a_kernel_that_reads_nothing_does_not_outlast_the_limit(kernel: FakeKernel, channel: Channel) -> None:
    channel.limit(Limit(10, 0.2))
    started = time.monotonic()
    with pytest.raises(StudentTimeout, match=r"0\.2 s"):
        channel.request("call", np.zeros(1 << 20))
    assert time.monotonic() - started < 3
    assert not kernel.running


def test_closing_does_not_wait_for_a_kernel_that_reads_nothing(kernel: FakeKernel, channel: Channel) -> None:
    kernel.stream.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            kernel.stream.send(bytes(1 << 16))
    channel.limit(Limit(10, 0.2))
    channel.close()
    assert not kernel.running


def test_an_answer_that_drips_does_not_outlast_the_limit(kernel: FakeKernel, channel: Channel) -> None:
    def drip() -> None:
        for byte in reply(1, "ok", "x" * 500):
            time.sleep(0.05)
            try:
                kernel.far.sendall(bytes([byte]))
            except OSError:
                return

    channel.limit(Limit(10, 0.2))
    thread = far_end(kernel, drip)
    with pytest.raises(StudentTimeout):
        channel.request("call")
    kernel.stream.close()
    thread.join()
    assert not kernel.running


def test_an_answer_after_the_interrupt_is_a_timeout_that_leaves_the_kernel(
    kernel: FakeKernel, channel: Channel
) -> None:
    channel.limit(Limit(1, 10))
    kernel.cpu = 2.0

    def give_in() -> None:
        while not kernel.interrupts:
            time.sleep(0.01)
        kernel.far.sendall(reply(1, "ok", "just in time"))

    thread = far_end(kernel, give_in)
    with pytest.raises(StudentTimeout, match="1 s of CPU time"):
        channel.request("call")
    thread.join()
    assert channel.usable
    with pytest.raises(StudentTimeout):
        channel.request("call")
    channel.limit(Limit(10, 10))
    kernel.far.sendall(reply(2, "ok", "again"))
    assert channel.request("call") == "again"


def test_cpu_time_is_counted_not_waiting(kernel: FakeKernel, channel: Channel) -> None:
    channel.limit(Limit(0.05, 10))
    threading.Timer(0.4, kernel.far.sendall, (reply(1, "ok", 1),)).start()
    assert channel.request("call") == 1


def test_what_the_grader_cannot_send_is_the_graders_fault(kernel: FakeKernel, channel: Channel) -> None:
    with pytest.raises(PlatformFault, match="cannot cross"):
        channel.request("call", object())
    assert channel.usable


def test_what_came_and_cannot_be_passed_on_is_the_students_failure(kernel: FakeKernel, channel: Channel) -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    kernel.far.sendall(reply(1, "ok", deep))
    came = channel.request("call")
    with pytest.raises(StudentError, match="cannot be passed on"):
        channel.request("call", [came])
    assert channel.usable


def test_a_request_of_our_own_is_asked_again_after_a_late_interrupt(kernel: FakeKernel, channel: Channel) -> None:
    kernel.far.sendall(reply(1, "interrupted", None) + reply(2, "ok", None))
    channel.internal("begin", 0)


def test_a_request_sent_ahead_is_answered_once(kernel: FakeKernel, channel: Channel) -> None:
    channel.send_ahead("begin", 7)
    kernel.far.sendall(reply(1, "ok", None))
    channel.internal("begin", 7)
    kernel.far.sendall(reply(2, "ok", 5))
    assert channel.request("name", "x") == 5
    heads = [wire.receive(kernel.far)[0] for _ in range(2)]
    assert [head[1][1] for head in heads] == ["begin", "name"]


def test_a_request_sent_ahead_that_was_interrupted_is_asked_again(kernel: FakeKernel, channel: Channel) -> None:
    channel.send_ahead("begin", 7)
    kernel.far.sendall(reply(1, "interrupted", None) + reply(2, "ok", None))
    channel.internal("begin", 7)
    heads = [wire.receive(kernel.far)[0] for _ in range(2)]
    assert [head[1][1] for head in heads] == ["begin", "begin"]


@pytest.mark.parametrize("status", ["ok", "raised"])
def test_the_answer_to_a_request_sent_ahead_in_vain_is_nobody_elses(
    kernel: FakeKernel, channel: Channel, status: str
) -> None:
    channel.send_ahead("begin", 7)
    kernel.far.sendall(reply(1, status, None) + reply(2, "ok", None) + reply(3, "ok", 5))
    channel.internal("begin", 8)
    assert channel.request("name", "x") == 5


def test_closing_leaves_no_answer_for_the_next_channel(kernel: FakeKernel, channel: Channel) -> None:
    channel.send_ahead("begin", 7)
    kernel.far.sendall(reply(1, "ok", None))
    channel.close()
    following = Channel(cast(Kernel, kernel), Allowance(), Encoder, Decoder)
    following.limit(Limit(10, 10))
    kernel.far.sendall(reply(1, "ok", 5))
    assert following.request("name", "x") == 5


def test_closing_is_no_fault_when_the_warm_process_is_gone(
    kernel: FakeKernel, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.send_ahead("begin", 7)
    kernel.far.close()
    monkeypatch.setattr(kernel, "lost", lambda: True)
    channel.close()
    assert not channel.usable


def test_what_goes_wrong_ahead_shows_when_the_test_begins(kernel: FakeKernel, channel: Channel) -> None:
    kernel.far.close()
    kernel.running = False
    channel.send_ahead("begin", 7)
    with pytest.raises(StudentCrash):
        channel.internal("begin", 7)


def test_closing_says_stop(kernel: FakeKernel, channel: Channel) -> None:
    channel.close()
    assert wire.receive(kernel.far)[0] == "stop"


def test_all_that_one_test_receives_is_bounded(
    kernel: FakeKernel, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test may keep everything: each answer alone would pass."""
    monkeypatch.setattr(channel_module, "MAX_RECEIVED", 110_000)
    channel.limit(Limit(10, 10))
    flags, texts = np.zeros(6_000, bool), [bytes(70_000)]
    kernel.far.sendall(b"".join(reply(n, "ok", value) for n, value in enumerate((flags, texts, 4, texts), 1)))
    assert channel.request("call").shape == (6_000,)
    with pytest.raises(StudentError, match="too large: 70,") as refused:
        channel.request("call")  # a number counts for 8 bytes, in whatever type it comes
    assert refused.value.types == ("UnsendableResult",)
    assert channel.request("call") == 4
    channel.limit(Limit(10, 10))
    assert len(channel.request("call")[0]) == 70_000
    assert channel.usable
