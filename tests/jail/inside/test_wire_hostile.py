"""Is a frame that no encoder of ours wrote a value or refused, at no cost and with nothing run?"""

from __future__ import annotations

import contextlib
import os
import pickle
import struct
import time
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.jail.inside import decode as decode_module
from autograder.jail.inside import encode, values, wire
from autograder.jail.inside.values import WireError
from autograder.jail.inside.wire import Decoder
from tests.support.frames import DATA, Bytes, array, calm, decode, frame, there_and_back


@pytest.mark.parametrize(
    ("head", "blob"), [(1 << 30, 0), (0, 1 << 30), (0xFFFFFFFF, 0xFFFFFFFF), (values.MAX_HEAD + 1, 0)]
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


@pytest.mark.parametrize(
    "opening", [b"\x91", b"\x92\xa1l\x91", b"\x81\x01", b"\xdd\x00\x00\x00\x01", b"\x94\xa1o\x01\xa1x"]
)
@pytest.mark.parametrize("depth", [70, 400, 10_000, 100_000])
def test_nesting_is_refused_whatever_its_depth(opening: bytes, depth: int) -> None:
    with pytest.raises(WireError):
        decode(opening * depth + b"\xc0")


def test_arrays_that_announce_millions_inside_each_other_cost_nothing() -> None:
    head = b"\xdd\x00\x7f\xff\xff" * 1000
    started = time.monotonic()
    with pytest.raises(WireError):
        decode(head + b"\xc0" * (values.MAX_HEAD - len(head)))
    assert time.monotonic() - started < 5


EMPTY, PAIR, OBJECT = b"\x90", b"\x92\xa1d\x91\x92\x00\x00", b"\x94\xa1o\x01\xa0\x00"


@pytest.mark.parametrize("one", [EMPTY, PAIR, OBJECT])
def test_very_many_containers_are_refused_before_they_take_memory(monkeypatch: pytest.MonkeyPatch, one: bytes) -> None:
    """300 kB of them stand for the 8 MB that may come: those would take some 600 MB."""
    count = (300 << 10) // len(one)
    head = b"\x92\xa1l\xdd" + struct.pack(">I", count) + one * count
    monkeypatch.setattr(wire, "MAX_LISTS", 40_000)
    with pytest.raises(WireError, match="lists came"):
        wire.receive(frame(head))
    # taken out: all of them are made
    monkeypatch.setattr(wire, "MAX_LISTS", values.MAX_HEAD)
    assert len(wire.receive(frame(head))[0][1]) == count


def test_so_many_values_are_refused_before_they_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(there_and_back([()] * 50_000)) == 50_000
    monkeypatch.setattr(encode, "MAX_LISTS", 100_000)
    with pytest.raises(values.TooMuch, match="100002 containers and objects"):
        wire.Encoder().frame([()] * 50_000)


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


def long_among(one: object, count: int = 400) -> list[Any]:
    return [one, *[""] * count]


GROWING = {
    "bytes": [bytes(1 << 20), *[b""] * 400],
    "bytes and text": long_among(bytes(1 << 20), 100),
    "a wide text of numpy's": long_among(np.str_("x" * 999_999), 100),
    "an array without dimensions": long_among(np.array("x" * 999_999), 100),
    "arrays": [np.array(["x" * 100_000] * 9), *[np.array([""] * 9)] * 99],
    "in a dict in a list": [{"a": long_among("x" * 1_000_000, 100)}],
    "in lists": [long_among("x" * 100_000, 9), *[[""] * 10] * 99],
}


@pytest.mark.parametrize("value", GROWING.values(), ids=list(GROWING))
def test_one_long_text_makes_no_large_array(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy gives every text of an array the width of the longest. Without the bound, what makes it arrives."""
    with pytest.raises(WireError, match="would take more"):
        there_and_back(value)
    monkeypatch.setattr(decode_module, "MAX_TEXTS", 1 << 60)
    arrived = there_and_back(value)
    while isinstance(arrived[0], dict):
        arrived = arrived[0]["a"]
    monkeypatch.undo()
    assert np.array(arrived).nbytes > values.MAX_TEXTS


@pytest.mark.parametrize(
    "value",
    [
        (bytes(20 << 20), ["name"] * 400),
        [{"text": "x" * 30_000}, *[{"text": ""}] * 4_000],
        [bytes(9 << 20)] * 7,
        ("x" * 9_000, 1, [2]),
    ],
    ids=["a file and names", "rows", "files", "mixed"],
)
def test_what_numpy_makes_no_array_of_crosses(value: Any) -> None:
    assert there_and_back(value) == value


def test_a_file_of_many_megabytes_is_no_structure() -> None:
    large = bytes(values.MAX_HEAD + 1)
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
        ["i", b"\x01" * (values.MAX_INT_BYTES + 1)],
        ["i", 5],
        ["s", 1, 2, 3, 4],
        ["h", "1", "x"],
        ["h", 1.0, "x"],
        ["h", True, "x"],
        ["h", 1, b"x"],
        ["h", 1],
        ["p", "f", "import os"],
        ["p", 1, 2],
        ["o", "1", "x", 3],
        ["o", True, "x", 3],
        ["o", 1, 2, 3],
        ["o", 1, "x"],
        ["o", 1, "x", 3, 4],
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
    lambda inner: st.lists(inner | st.sampled_from(["l", "t", "d", "a", "n", "T", "i", "c", "s", "e", "h", "o", "p"])),
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


def test_numbers_are_counted_in_whatever_type_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader computes with them in 8 bytes each: 8 MB of flags would take as much as 64 MB of floats."""
    monkeypatch.setattr(decode_module, "MAX_NUMBERS", 1_000)
    assert there_and_back([np.zeros(500, bool), np.zeros(500)])[1].shape == (500,)
    with pytest.raises(values.TooMuch, match="more than 1,000 numbers"):
        there_and_back([np.zeros(500, bool), np.zeros(501, np.int8)])
    assert there_and_back(np.full(2_000, "text")).shape == (2_000,)
