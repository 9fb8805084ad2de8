"""Frames of the wire between grader and kernel, made by hand or by chance, and read again."""

from __future__ import annotations

import struct
from typing import Any

import msgpack
import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from autograder.jail.inside import wire
from autograder.jail.inside.values import TensorData
from autograder.jail.inside.wire import Decoder


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
    """What arrives of a value that is sent."""
    stream = Bytes()
    wire.send(stream, value)
    head, blob = wire.receive(stream)
    assert not stream.data, "a frame is read to its end"
    return Decoder(blob).decode(head)


def frame(head: Any, blob: bytes = b"") -> Bytes:
    """A message of this head, which need not be one that an encoder writes."""
    packed = head if isinstance(head, bytes) else msgpack.packb(head)
    return Bytes(struct.pack(">II", len(packed), len(blob)) + packed + blob)


def decode(head: Any, blob: bytes = b"") -> Any:
    """The value of such a message."""
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
"""All that may cross."""
calm = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def array(dtype: Any = "<f8", shape: Any = (2,), offset: Any = 0, length: Any = 16) -> list[Any]:
    """An array as it stands in a head; its bytes are in the blob."""
    return ["a", dtype, list(shape) if isinstance(shape, tuple) else shape, offset, length]
