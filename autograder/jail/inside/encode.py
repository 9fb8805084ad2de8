"""Encodes Python values as a frame of the wire."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

import msgpack
import numpy as np

from autograder.jail.inside.values import (
    LONG_BYTES,
    MAX_BLOB,
    MAX_DEPTH,
    MAX_HEAD,
    MAX_INT_BYTES,
    MAX_LISTS,
    ProbeSource,
    Reference,
    TensorData,
    TooMuch,
    WireError,
    crosses,
)

FRAME = struct.Struct(">II")
"""The header of a frame: the lengths of the head and of the blob."""


class Encoder:
    """Turns Python values into a frame. Subclasses override :meth:`refer` to encode objects that are not data."""

    def __init__(self) -> None:
        self._blob: list[bytes] = []
        self._size = 0

    def refer(self, value: object, depth: int) -> Any:
        """Encode an object that is not data, at this depth of nesting. The base class refuses it.

        Raises
        ------
        WireError
            always; subclasses return the encoded form instead.
        """
        if isinstance(value, np.ndarray | np.generic):
            raise TooMuch(f"an array of {value.dtype} cannot cross")
        raise WireError(f"{type(value).__name__} is not data and cannot cross")

    def frame(self, value: object) -> bytes:
        """The complete message for ``value``.

        Raises
        ------
        WireError
            when part of it is not data, or it is too deep or too large.
        """
        structure = self.encode(value)
        head = msgpack.packb(structure, use_bin_type=True)
        if len(head) > MAX_HEAD:
            raise TooMuch(f"the value is too large: {len(head)} bytes of structure, {MAX_HEAD} may cross")
        if len(head) > MAX_LISTS and (count := _lists(structure)) > MAX_LISTS:
            raise TooMuch(f"the value is too large: {count} containers and objects, {MAX_LISTS} may cross")
        return b"".join((FRAME.pack(len(head), self._size), head, *self._blob))

    def encode(self, value: Any, depth: int = 0) -> Any:
        """One value, encoded for the head. The bytes of arrays go into the blob."""
        if depth > MAX_DEPTH:
            raise TooMuch(f"the value is nested deeper than {MAX_DEPTH} levels")
        kind = type(value)
        if id(kind) in _PLAIN:
            return value
        encode = _ENCODE.get(id(kind))
        if encode is not None:
            return encode(self, value, depth)
        if isinstance(value, np.generic) and kind.__module__ == "numpy" and crosses(value.dtype):
            return ["n", *self._bytes(np.asarray(value))]
        return self.refer(value, depth)

    def _items(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.encode(value, depth + 1) for value in values]

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        return ["d", [self._items(pair, depth) for pair in value.items()]]

    def _ndarray(self, value: np.ndarray[Any, Any], depth: int) -> Any:
        return self._array(value) if crosses(value.dtype) else self.refer(value, depth)

    def _long_bytes(self, value: bytes) -> Any:
        return value if len(value) < LONG_BYTES else ["b", *self._set_aside(value)]

    def _integer(self, value: int) -> Any:
        if -(1 << 63) <= value < (1 << 63):
            return value
        length = value.bit_length() // 8 + 1
        if length > MAX_INT_BYTES:
            raise TooMuch(f"the integer has {length} bytes, {MAX_INT_BYTES} may cross")
        return ["i", value.to_bytes(length, "little", signed=True)]

    def _array(self, array: np.ndarray[Any, Any]) -> Any:
        dtype, offset, length = self._bytes(array)
        return ["a", dtype, list(array.shape), offset, length]

    def _bytes(self, array: np.ndarray[Any, Any]) -> tuple[str, int, int]:
        if array.dtype.byteorder == ">":
            array = array.astype(array.dtype.newbyteorder("<"))
        if not array.itemsize:
            array = array.astype(f"{array.dtype.kind}1")
        self._make_room(array.nbytes)
        return array.dtype.str, *self._set_aside(array.tobytes())

    def _make_room(self, length: int) -> None:
        if self._size + length > MAX_BLOB:
            raise TooMuch(f"the arrays are too large: more than {MAX_BLOB >> 20} MiB in one message")

    def _set_aside(self, data: bytes) -> tuple[int, int]:
        """Append bytes to the blob and return their offset and length."""
        self._make_room(len(data))
        offset, self._size = self._size, self._size + len(data)
        self._blob.append(data)
        return offset, len(data)


_PLAIN = frozenset(map(id, (type(None), bool, float)))
"""The types of what MessagePack holds as it is, by identity: a student's metaclass may equal everything."""

_BY_TYPE: dict[type, Callable[[Encoder, Any, int], Any]] = {
    # lone surrogates cannot be encoded as UTF-8; the reader gets '?' for each
    str: lambda it, value, depth: value if value.isascii() else value.encode("utf-8", "replace").decode(),
    int: lambda it, value, depth: it._integer(value),
    bytes: lambda it, value, depth: it._long_bytes(value),
    complex: lambda it, value, depth: ["c", value.real, value.imag],
    list: lambda it, value, depth: ["l", it._items(value, depth)],
    tuple: lambda it, value, depth: ["t", it._items(value, depth)],
    dict: Encoder._dict,
    np.ndarray: Encoder._ndarray,
    slice: lambda it, value, depth: ["s", *it._items((value.start, value.stop, value.step), depth)],
    type(Ellipsis): lambda it, value, depth: ["e"],
    TensorData: lambda it, value, depth: ["T", value.framework, value.dtype, value.device, it._array(value.array)],
    Reference: lambda it, value, depth: ["h", value.number, value.type_name],
    ProbeSource: lambda it, value, depth: ["p", value.name, value.source],
}
"""How a value is encoded, by its exact type: a subclass is not data."""
_ENCODE = {id(kind): encode for kind, encode in _BY_TYPE.items()}


def _lists(structure: Any) -> int:
    """How many lists the structure of a message has."""
    return 1 + sum(map(_lists, structure)) if type(structure) is list else 0
