"""Does data cross unchanged, and does nothing hostile get through?"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import socket
import struct
import time
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from autograder.jail.inside import wire
from autograder.jail.inside.wire import Decoder, Encoder, ProbeSource, Reference, TensorData, WireError


class Bytes:
    """A stream over bytes; counts what is asked for."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.asked = 0

    def recv_into(self, buffer: memoryview) -> int:
        self.asked += len(buffer)
        count = min(len(buffer), len(self.data))
        buffer[:count], self.data = self.data[:count], self.data[count:]
        return count

    def sendall(self, data: bytes | memoryview) -> None:
        self.data += bytes(data)


def there_and_back(value: object) -> Any:
    stream = Bytes()
    wire.send(stream, value)
    head, blob = wire.receive(stream)
    assert not stream.data, "a frame is read to its end"
    return Decoder(blob).decode(head)


def frame(head: Any, blob: bytes = b"") -> Bytes:
    packed = head if isinstance(head, bytes) else msgpack.packb(head)
    return Bytes(struct.pack(">II", len(packed), len(blob)) + packed + blob)


def decode(head: Any, blob: bytes = b"") -> Any:
    item, rest = wire.receive(frame(head, blob))
    return Decoder(rest).decode(item)


def alike(one: Any, other: Any) -> bool:
    """Equal in type and value, NaN equal to NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one), list(other)) and alike(list(one.values()), list(other.values()))
    if isinstance(one, np.ndarray):
        same_type = one.dtype.newbyteorder("<") == other.dtype and one.shape == other.shape
        return bool(same_type and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    if isinstance(one, TensorData):
        names = (one.framework, one.dtype, one.device)
        return names == (other.framework, other.dtype, other.device) and alike(one.array, other.array)
    return bool(one == other or (one != one and other != other))


DTYPES = st.one_of(
    nps.boolean_dtypes(),
    nps.integer_dtypes(endianness="?"),
    nps.unsigned_integer_dtypes(endianness="?"),
    nps.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    nps.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    nps.unicode_string_dtypes(endianness="?", max_len=5),
    nps.byte_string_dtypes(max_len=5),
)
ARRAYS = nps.arrays(DTYPES, nps.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
BIG = st.integers(-(1 << 2000), 1 << 2000)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), BIG, st.floats(), st.complex_numbers(), TEXT, st.binary(max_size=20)
)
NUMPY_SCALARS = ARRAYS.filter(lambda a: a.size and a.dtype.byteorder != ">").map(lambda a: a.ravel()[0])
KEYS = st.one_of(st.none(), st.booleans(), st.integers(), TEXT, st.tuples(TEXT, st.integers()))
TENSORS = st.builds(TensorData, TEXT, TEXT, TEXT, ARRAYS.map(lambda a: a.astype(a.dtype.newbyteorder("<"))))
SLICES = st.builds(slice, *[st.none() | st.integers()] * 3)
DATA = st.recursive(
    st.one_of(SCALARS, ARRAYS, NUMPY_SCALARS, TENSORS, SLICES, st.just(...)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
calm = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(DATA)
@example([math.nan, -0.0, math.inf])
@example({"": {(): [None, [], {}, ()]}})
@example(np.zeros((0, 3)))
@example(np.float16(1.5))
@example(np.str_(""))
@example(np.array(""))
@example([b"x" * wire.LONG_BYTES, np.arange(3), b"y" * (wire.LONG_BYTES - 1), b"z" * wire.LONG_BYTES])
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
    with pytest.raises(WireError, match="not data"):
        there_and_back([value])


def test_depth_is_bounded_both_ways() -> None:
    value: Any = 0
    for _ in range(wire.MAX_DEPTH):
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
    monkeypatch.setattr(wire, "MAX_BLOB", 1000)
    monkeypatch.setattr(wire, "MAX_HEAD", 1000)
    with pytest.raises(WireError, match="arrays are too large"):
        Encoder().frame([np.zeros(100, "u1")] * 11)
    with pytest.raises(WireError, match="structure"):
        Encoder().frame("x" * 1001)
    with pytest.raises(WireError, match="integer"):
        Encoder().frame(1 << 8 * wire.MAX_INT_BYTES)


# hostile frames


@pytest.mark.parametrize(
    ("head", "blob"), [(1 << 30, 0), (0, 1 << 30), (0xFFFFFFFF, 0xFFFFFFFF), (wire.MAX_HEAD + 1, 0)]
)
def test_a_frame_that_announces_too_much_is_refused_unread(head: int, blob: int) -> None:
    stream = Bytes(struct.pack(">II", head, blob))
    with pytest.raises(WireError, match="a message of"):
        wire.receive(stream)
    assert stream.asked == 8


def test_truncated_frames_are_an_end_of_file() -> None:
    stream = Bytes()
    wire.send(stream, {"a": np.arange(3)})
    for length in range(len(stream.data)):
        with pytest.raises(EOFError):
            wire.receive(Bytes(stream.data[:length]))


@pytest.mark.parametrize("opening", [b"\x91", b"\x92\xa1l\x91", b"\x81\x01", b"\xdd\x00\x00\x00\x01"])
@pytest.mark.parametrize("depth", [70, 400, 10_000, 100_000])
def test_nesting_is_refused_whatever_its_depth(opening: bytes, depth: int) -> None:
    with pytest.raises(WireError):
        decode(opening * depth + b"\xc0")


def test_arrays_that_announce_millions_inside_each_other_cost_nothing() -> None:
    head = b"\xdd\x00\x7f\xff\xff" * 1000
    started = time.monotonic()
    with pytest.raises(WireError):
        decode(head + b"\xc0" * (wire.MAX_HEAD - len(head)))
    assert time.monotonic() - started < 5


def array(dtype: Any = "<f8", shape: Any = (2,), offset: Any = 0, length: Any = 16) -> list[Any]:
    return ["a", dtype, list(shape) if isinstance(shape, tuple) else shape, offset, length]


HUGE = (1 << 64) - 1


@pytest.mark.parametrize(
    "item",
    [
        array(shape=(3,)),
        array(shape=(-2,), length=-16),
        array(shape=(-1, -2)),
        array(shape=(2.0,)),
        array(shape=(True, 2)),
        array(shape="2"),
        array(shape=None),
        array(shape=(HUGE, HUGE)),
        array(shape=(HUGE, HUGE), length=HUGE),
        array(shape=(1 << 61,), length=0),  # wraps to 16 bytes in 64-bit arithmetic
        array(shape=(1,) * 33 + (2,)),
        array(shape=(0, HUGE), length=0),
        array(offset=8),
        array(offset=-8),
        array(offset=HUGE),
        array(length=HUGE),
        array(length=17),
        array(length="16"),
        array(dtype="O"),
        array(dtype="|O"),
        array(dtype="<O8"),
        array(dtype="|V8"),
        array(dtype="<M8[s]"),
        array(dtype="<f16", shape=(1,)),
        array(dtype=">f8"),
        array(dtype="f8"),
        array(dtype="f8,f8", shape=(1,)),
        array(dtype=[["a", "<f8"]]),
        array(dtype=None),
        array(dtype=b"<f8"),
        array(dtype="<U0", shape=(1 << 40,), length=0),
        array(dtype="|S0", shape=(1 << 40,), length=0),
        array(dtype="<U9999999", shape=(0,), length=0),
        array(dtype="<U-1", shape=(0,), length=0),
        array(dtype="<U1\n", shape=(0,), length=0),
        ["a", "<f8", [2], 0],
        ["a"],
        ["n", "<f8", 0, 16],
        ["n", "|O", 0, 8],
        ["T", "torch", "float32", "cpu", 3],
        ["T", 1, 2, 3, array()],
        ["T", "torch", "float32", "cpu", ["T", "a", "b", "c", array()]],
    ],
    ids=str,
)
def test_lies_about_arrays_are_refused(item: Any) -> None:
    with pytest.raises(WireError):
        decode(item, b"\xff" * 16)


def test_text_of_impossible_characters_is_refused() -> None:
    with pytest.raises(WireError, match="impossible characters"):
        decode(["a", "<U2", [2], 0, 16], b"\x00\x00\x11\x00" * 4)
    with pytest.raises(WireError, match="impossible characters"):
        decode(["n", "<U4", 0, 16], b"\xff" * 16)


def test_a_bool_is_zero_or_one_whatever_byte_came() -> None:
    mask = decode(["a", "|b1", [4], 0, 4], b"\x00\x01\x02\xff")
    assert mask.view(np.uint8).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("one", [["a", "|u1", [1 << 20], 0, 1 << 20], ["b", 0, 1 << 20]])
def test_arrays_and_bytes_cannot_share_what_they_hold_to_grow_on_arrival(one: list[Any]) -> None:
    with pytest.raises(WireError, match="one after another"):
        decode(["l", [one] * 1000], bytes(1 << 20))


@pytest.mark.parametrize("place", [(0, 5), (0, -1), (-1, 1), (1, 4), (0.0, 4), ("", 4), (0, True), (0, None), (0,)])
def test_bytes_outside_their_message_are_refused(place: tuple[Any, ...]) -> None:
    with pytest.raises(WireError):
        decode(["b", *place], bytes(4))


def test_a_file_of_many_megabytes_is_no_structure() -> None:
    large = bytes(wire.MAX_HEAD + 1)
    assert there_and_back({"file": large}) == {"file": large}


def _colliding_tuples(count: int) -> list[Any]:
    """Pairs of integers whose tuples have one hash: CPython's tuple hash (xxHash) has no secret and can be inverted."""
    p1, p2, p5, mask = 11400714785074694791, 14029467366897019727, 2870177450012600261, (1 << 64) - 1

    def lane(acc: int, value: int) -> int:
        acc = (acc + value * p2) & mask
        return ((acc << 31 | acc >> 33) & mask) * p1 & mask

    target, pairs, x = lane(lane(p5, 1), 1), [], 0
    before = target * pow(p1, -1, 1 << 64) & mask
    before = (before >> 31 | before << 33) & mask
    while len(pairs) < count:
        x += 1
        y = (before - lane(p5, x)) * pow(p2, -1, 1 << 64) & mask
        if y < (1 << 60):
            pairs.append(["t", [x, y]])
    assert len({hash((x, y)) for _, (x, y) in pairs}) == 1
    return pairs


def test_a_dict_of_colliding_keys_is_refused_before_it_takes_long() -> None:
    keys = _colliding_tuples(20_000)
    started = time.process_time()
    with pytest.raises(WireError, match="keys"):
        decode(["d", [[key, 0] for key in keys]])
    assert time.process_time() - started < 2


def test_a_dict_of_many_plain_keys_crosses() -> None:
    words = {f"word {n}": n for n in range(50_000)}
    assert there_and_back(words) == words


@pytest.mark.parametrize(
    "head",
    [
        [],
        [1],
        [None],
        [["l"], []],
        ["?"],
        ["l"],
        ["l", 1],
        ["l", [], []],
        ["l", "abc"],
        ["d", [[1]]],
        ["d", [1]],
        ["d", [[["l", []], 1]]],
        ["d", [[array(), 1]]],
        ["c", "1", 2],
        ["c", 1],
        ["i", "12"],
        ["i", b"\x01" * (wire.MAX_INT_BYTES + 1)],
        ["i", 5],
        ["s", 1, 2, 3, 4],
        ["h", "1", "x"],
        ["h", 1.0, "x"],
        ["h", True, "x"],
        ["h", 1, b"x"],
        ["h", 1],
        ["p", "f", "import os"],
        ["p", 1, 2],
        {"a": 1},
        msgpack.ExtType(5, b"\x80\x04"),
        msgpack.Timestamp(0, 0),
        ["l", [msgpack.ExtType(5, b"x")]],
        {1: 2},
    ],
    ids=str,
)
def test_malformed_values_are_refused(head: Any) -> None:
    with pytest.raises(WireError):
        decode(head, b"\x00" * 16)


@pytest.mark.parametrize(
    "head",
    [b"", b"\xc1", b"\x01\x02", b"\xd9\x05ab", b"\xa2\xff\xfe", b"\xdf\xff\xff\xff\xff", pickle.dumps({"a": 1})],
    ids=repr,
)
def test_what_is_not_messagepack_is_refused(head: bytes) -> None:
    with pytest.raises(WireError):
        decode(head)


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(1 << 63), (1 << 64) - 1), st.floats(), st.text(), st.binary()),
    lambda inner: st.lists(inner | st.sampled_from(["l", "t", "d", "a", "n", "T", "i", "c", "s", "e", "h", "p"])),
    max_leaves=30,
)
TAGGED = st.tuples(
    st.sampled_from("ltdanTicsehp"),
    st.lists(JUNK | st.sampled_from(["<f8", "<U3", "|b1", "|O", [2], [], 0, 16]), max_size=5),
).map(lambda pair: [pair[0], *pair[1]])


@calm
@given(JUNK | TAGGED, st.binary(max_size=64))
def test_any_messagepack_is_a_value_or_a_wire_error(head: Any, blob: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(head, blob)


@calm
@given(st.binary(max_size=200))
def test_random_bytes_are_a_value_or_refused(data: bytes) -> None:
    for stream in (Bytes(data), frame(data, data)):
        with contextlib.suppress(WireError, EOFError):
            head, blob = wire.receive(stream)
            Decoder(blob).decode(head)


@calm
@given(DATA, st.integers(0, 1 << 16), st.integers(0, 255))
def test_a_frame_with_one_wrong_byte_is_a_value_or_refused(value: Any, place: int, byte: int) -> None:
    stream = Bytes()
    wire.send(stream, value)
    data = bytearray(stream.data)
    data[place % len(data)] = byte
    with contextlib.suppress(WireError, EOFError):
        head, blob = wire.receive(Bytes(bytes(data)))
        Decoder(blob).decode(head)


class Bomb:
    """Makes a folder when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("made-by-a-pickle",)


def test_decoding_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    poison = pickle.dumps(Bomb())
    assert decode(["l", [poison]]) == [poison]
    for item in (array("|O", (1,), 0, len(poison)), msgpack.ExtType(1, poison)):
        with pytest.raises(WireError):
            decode(item, poison)
    assert not list(tmp_path.iterdir())
    pickle.loads(poison)  # noqa: S301
    assert list(tmp_path.iterdir()), "the bomb is none"


def test_a_frame_may_come_in_any_pieces() -> None:
    here, there = socket.socketpair()
    with here, there:
        stream = Bytes()
        wire.send(stream, ["ab", np.arange(5)])
        for byte in stream.data:
            here.sendall(bytes([byte]))
        head, blob = wire.receive(there)
        assert alike(Decoder(blob).decode(head), ["ab", np.arange(5)])


def test_who_waits_awake_sees_what_comes_and_gives_up_where_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "AWAKE_S", 0.001)
    monkeypatch.setattr(wire.os, "sched_getaffinity", lambda pid: {0, 1})
    here, there = socket.socketpair()
    awake, looked = wire.Awake(), []
    monkeypatch.setattr(wire.os, "sched_yield", lambda: looked.append(1))
    with here, there:
        there.send(b"x")
        assert awake.readable(here)
        here.recv(1)
        tried = []
        for _ in range(40):
            looked.clear()
            assert not awake.readable(here)
            tried.append(bool(looked))
        assert 3 <= sum(tried) <= 8, "ever more seldom"
        assert sum(tried[-2 * wire.MAX_SKIP :]) >= 1, "but not never"
        there.close()
        assert any(awake.readable(here) for _ in range(wire.MAX_SKIP + 1)), "the end is seen too"
        assert awake.readable(here), "and once it pays, it is tried at once"


@pytest.mark.parametrize("cores", [{0}, None])
def test_nobody_waits_awake_where_there_is_one_core_or_nobody_knows(
    monkeypatch: pytest.MonkeyPatch, cores: set[int] | None
) -> None:
    if cores is None:  # not Linux
        monkeypatch.delattr(wire.os, "sched_getaffinity")
    else:
        monkeypatch.setattr(wire.os, "sched_getaffinity", lambda pid: cores)
    here, there = socket.socketpair()
    with here, there:
        there.send(b"x")
        assert not wire.Awake().readable(here)
