"""What may cross the wall, and how much of it: element types, references, probes and tensors as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_HEAD = 8 << 20
"""Bytes of structure in one message."""
MAX_BLOB = 256 << 20
"""Bytes of array data in one message."""
MAX_DEPTH = 64
"""Containers inside containers."""
MAX_INT_BYTES = 1024
LONG_BYTES = 64 << 10
"""Bytes of so many go into the blob, like an array's: a file that was read is no structure."""
MAX_TAGGED_KEYS = 1_000
"""Keys in one message that are neither None, bool, 64-bit int, float, str nor bytes. Python gives tuples, complex and
long integers hashes that anybody can make collide, and a dict of colliding keys takes quadratic time to build."""

NUMERIC = {
    np.dtype(name).str: np.dtype(name)
    for name in [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
}
TEXT_DTYPE = re.compile(r"(?:<U|\|S)\d{1,6}\Z")


def crosses(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of this element type are data: numbers, or text of bounded width."""
    name = dtype.newbyteorder("<").str
    return name in NUMERIC or bool(TEXT_DTYPE.match(name))


class WireError(Exception):
    """A value that cannot cross, or a message that breaks the format. The text says which and why."""


class TooMuch(WireError):
    """Data, but too deep or too large to cross."""


@dataclass(frozen=True)
class Reference:
    """An object that stays where it is: its number there and the name of its class."""

    number: int
    type_name: str


@dataclass(frozen=True)
class ProbeSource:
    """A function sent as text."""

    name: str
    source: str


@dataclass(frozen=True)
class TensorData:
    """A torch or TensorFlow tensor as data.

    ``array`` holds the values (bfloat16 and other types numpy lacks as float32), ``dtype`` the framework's own name for
    the element type, ``device`` where it lay.
    """

    framework: str
    dtype: str
    device: str
    array: np.ndarray[Any, Any]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.array, dtype=dtype, copy=copy)
