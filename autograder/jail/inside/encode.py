"""Encodes Python values as a frame of the wire."""

from __future__ import annotations

import struct
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

    def encode(self, value: object, depth: int = 0) -> Any:
        """One value, encoded for the head. The bytes of arrays go into the blob."""
        if depth > MAX_DEPTH:
            raise TooMuch(f"the value is nested deeper than {MAX_DEPTH} levels")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is str:
            # lone surrogates cannot be encoded as UTF-8; the reader gets '?' for each
            return value.encode("utf-8", "replace").decode()  # type: ignore[attr-defined]
        if kind is bytes:
            return value if len(value) < LONG_BYTES else ["b", *self._set_aside(value)]  # type: ignore[arg-type]
        if kind is int:
            return self._integer(value)  # type: ignore[arg-type]
        if kind is complex:
            return ["c", value.real, value.imag]  # type: ignore[attr-defined]
        if kind is list or kind is tuple:
            return ["l" if kind is list else "t", [self.encode(v, depth + 1) for v in value]]  # type: ignore[attr-defined]
        if kind is dict:
            pairs = value.items()  # type: ignore[attr-defined]
            return ["d", [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in pairs]]
        if isinstance(value, np.ndarray) and kind is np.ndarray:
            return self._array(value) if crosses(value.dtype) else self.refer(value, depth)
        if isinstance(value, np.generic) and kind.__module__ == "numpy" and crosses(value.dtype):
            return ["n", *self._bytes(np.asarray(value))]
        if kind is slice:
            parts = (value.start, value.stop, value.step)  # type: ignore[attr-defined]
            return ["s", *(self.encode(v, depth + 1) for v in parts)]
        if value is Ellipsis:
            return ["e"]
        if kind is TensorData:
            assert isinstance(value, TensorData)
            return ["T", value.framework, value.dtype, value.device, self._array(value.array)]
        if kind is Reference:
            return ["h", value.number, value.type_name]  # type: ignore[attr-defined]
        if kind is ProbeSource:
            return ["p", value.name, value.source]  # type: ignore[attr-defined]
        return self.refer(value, depth)

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


def _lists(structure: Any) -> int:
    """How many lists the structure of a message has."""
    return 1 + sum(map(_lists, structure)) if type(structure) is list else 0
