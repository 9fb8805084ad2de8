"""Does data cross unchanged, and is what is no data refused before it is sent?"""

from __future__ import annotations

import math
import socket
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given

from autograder.jail.inside import encode, wire
from autograder.jail.inside.values import (
    LONG_BYTES,
    MAX_DEPTH,
    MAX_INT_BYTES,
    ProbeSource,
    Reference,
    TensorData,
    WireError,
)
from autograder.jail.inside.wire import Decoder, Encoder
from tests.support.frames import DATA, Bytes, alike, calm, there_and_back


@calm
@given(DATA)
@example([math.nan, -0.0, math.inf])
@example({"": {(): [None, [], {}, ()]}})
@example(np.zeros((0, 3)))
@example(np.float16(1.5))
@example(np.str_(""))
@example(np.array(""))
@example([b"x" * LONG_BYTES, np.arange(3), b"y" * (LONG_BYTES - 1), b"z" * LONG_BYTES])
@example((1 << 63, -(1 << 63), (1 << 64) - 1, -(1 << 63) - 1, 1 << 8000))
def test_data_crosses_unchanged(value: Any) -> None:
    assert alike(value, there_and_back(value))


def test_sign_of_zero_and_payload_free_nan_cross() -> None:
    assert math.copysign(1, there_and_back(-0.0)) == -1
    assert math.isnan(there_and_back(complex(1, math.nan)).imag)


@pytest.mark.parametrize("dtype", [">f8", ">i2", ">U3", ">c16"])
def test_a_big_endian_array_arrives_little_endian(dtype: str) -> None:
    array = np.array([1, 2, 3]).astype(dtype)
    back = there_and_back(array)
    assert back.dtype.str[0] == "<"
    np.testing.assert_array_equal(back, array)


def test_views_cross_by_their_values() -> None:
    array = np.arange(24.0).reshape(4, 6)
    for view in (array.T, array[::2, ::-3], np.broadcast_to(np.float32(2), (3, 3))):
        np.testing.assert_array_equal(there_and_back(view), view)


def test_an_array_that_arrives_can_be_written_to() -> None:
    for array in (np.ones(3), np.ones(3, bool), np.zeros((0, 2)), np.array(1.0)):
        there_and_back([array])[0][...] = 0


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert there_and_back("a\ud800b") == "a?b"


def test_references_and_probes_have_forms_of_their_own() -> None:
    assert there_and_back([Reference(7, "Tensor")]) == [Reference(7, "Tensor")]
    with pytest.raises(WireError, match="code came"):
        there_and_back(ProbeSource("f", "def f(): pass"))


def test_a_tensor_is_an_array_to_numpy() -> None:
    tensor = TensorData("torch", "bfloat16", "cpu", np.ones(2, "f4"))
    assert np.asarray(tensor).dtype == np.float32
    assert np.asarray(tensor, "f8").dtype == np.float64


# what is refused before it is sent


class Sub(np.ndarray[Any, Any]):
    """Not exactly an array."""


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        lambda: 0,
        type("Text", (str,), {})("x"),
        type("Number", (float,), {})(1.0),
        type("Items", (list,), {})([1]),
        np.array([None]),
        np.zeros(2, "M8[s]"),
        np.zeros(2, [("a", "i4")]),
        np.zeros(2).view(Sub),
        np.longdouble(1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_data_is_refused(value: object) -> None:
    with pytest.raises(WireError, match="not data|cannot cross"):
        there_and_back([value])


def test_depth_is_bounded_both_ways() -> None:
    value: Any = 0
    for _ in range(MAX_DEPTH):
        value = [value]
    assert there_and_back(value) == value
    with pytest.raises(WireError, match="nested deeper"):
        Encoder().frame([value])
    for _ in range(10_000):
        value = (value,)
    with pytest.raises(WireError, match="nested deeper"):
        Encoder().frame(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append({"again": loop})
    with pytest.raises(WireError, match="nested deeper"):
        Encoder().frame(loop)


def test_size_is_bounded_before_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "MAX_BLOB", 1000)
    monkeypatch.setattr(encode, "MAX_HEAD", 1000)
    with pytest.raises(WireError, match="arrays are too large"):
        Encoder().frame([np.zeros(100, "u1")] * 11)
    with pytest.raises(WireError, match="structure"):
        Encoder().frame("x" * 1001)
    with pytest.raises(WireError, match="integer"):
        Encoder().frame(1 << 8 * MAX_INT_BYTES)


def test_a_frame_may_come_in_any_pieces() -> None:
    here, there = socket.socketpair()
    with here, there:
        stream = Bytes()
        wire.send(stream, ["ab", np.arange(5)])
        for byte in stream.data:
            here.sendall(bytes([byte]))
        head, blob = wire.receive(there)
        assert alike(Decoder(blob).decode(head), ["ab", np.arange(5)])
