"""What may be sent over the wire, and how much of it: element types, references, probes and tensors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_HEAD = 4 << 20
"""The most bytes of structure in one message."""
MAX_BLOB = 128 << 20
"""The most bytes of array data in one message. The reader needs twice as many for a moment."""
MAX_NUMBERS = 4 << 20
"""The most numbers in the arrays of one message. The reader may compute with them, in 8 bytes each."""
MAX_LISTS = 500_000
"""The most lists in the structure of one message: every container, object and array is one, a dict's pair another.

Python needs up to some hundred times as many bytes for one as the message has.
"""
MAX_DEPTH = 64
"""The deepest nesting of containers."""
MAX_INT_BYTES = 1024
LONG_BYTES = 64 << 10
"""From this length on, ``bytes`` go into the blob, like array data: the content of a file is not structure."""
LONG_TEXT = 1_000
MAX_TEXTS = 256 << 20
"""The most bytes that an array of the texts in a list may take, where one text is longer than :data:`LONG_TEXT`."""
MAX_TAGGED_KEYS = 1_000
"""The most dict keys in one message that are not None, bool, 64-bit int, float, str or bytes. The hashes of tuples,
complex numbers and long integers are easy to make collide, and a dict of colliding keys takes quadratic time to build.
"""

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
    """Whether arrays of this element type are data: numbers, or text of limited width."""
    name = dtype.newbyteorder("<").str
    return name in NUMERIC or bool(TEXT_DTYPE.match(name))


class WireError(Exception):
    """A value that cannot be sent, or a message that violates the format. The text says which and why."""


class TooMuch(WireError):
    """The value is data, but too deep or too large to be sent, or an array of elements that are not sent."""


@dataclass(frozen=True)
class Reference:
    """An object that stays in its process: its number there and the name of its class."""

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

    ``array`` holds the values; bfloat16 and other types that numpy lacks become float32. ``dtype`` is the framework's
    own name for the element type, ``device`` the device that the tensor was on.
    """

    framework: str
    dtype: str
    device: str
    array: np.ndarray[Any, Any]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.array, dtype=dtype, copy=copy)
