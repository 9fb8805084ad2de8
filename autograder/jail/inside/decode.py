"""Decodes a message from the wire to Python values. The message is not trusted, and decoding runs nothing in it."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from autograder.jail.inside.values import (
    LONG_TEXT,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_NUMBERS,
    MAX_TAGGED_KEYS,
    MAX_TEXTS,
    NUMERIC,
    TEXT_DTYPE,
    ProbeSource,
    Reference,
    TensorData,
    TooMuch,
    WireError,
)

NONE = -1
"""The length of the longest text where there is none: an empty one counts."""


class Decoder:
    """Turns a frame into Python values. A subclass decides what references, probes and tensors become.

    Attributes
    ----------
    numbers
        how many numbers have come in arrays
    """

    def __init__(self, blob: bytes | bytearray) -> None:
        self._blob = memoryview(blob)
        self._read = 0
        self.numbers = 0
        self._tagged_keys = 0
        self._scalars, self._longest_text, self._longest_bytes = 0, NONE, NONE

    def resolve(self, reference: Reference) -> object:
        """The object for a reference. Here it stays a reference; a subclass may know the object."""
        return reference

    def compile_probe(self, probe: ProbeSource) -> object:
        """The function for a probe. Here it is refused, since only a kernel may run code that was sent.

        Raises
        ------
        WireError
            always, in this class.
        """
        raise WireError("code came where only data may come")

    def tensor(self, tensor: TensorData) -> object:
        """The object for a tensor. Here it stays data; a subclass may build the framework's own tensor."""
        return tensor

    def dressed(self, reference: Reference, data: Any) -> object:
        """The value for an instance of a subclass: here what it holds; a subclass may know the object too."""
        return data

    def decode(self, item: Any, depth: int = 0) -> Any:
        """The value of one item of the head.

        Raises
        ------
        WireError
            when it violates the format.
        """
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested deeper than {MAX_DEPTH} levels")
        if not isinstance(item, list):
            if item is None or type(item) in (bool, int, float, str, bytes):
                self._count(item)
                return item
            raise WireError(f"a {type(item).__name__} does not belong in a message")
        try:
            return self._tagged(item[0], item[1:], depth)
        except WireError:
            raise
        except (IndexError, ValueError, TypeError, OverflowError) as error:
            raise WireError(f"a malformed value came: {error}") from None

    def _tagged(self, tag: Any, rest: list[Any], depth: int) -> Any:
        if tag == "h":
            number, name = rest
            if type(number) is not int:
                raise WireError("a malformed reference came")
            return self.resolve(Reference(number, _text(name)))
        if tag == "a":
            dtype, shape, offset, length = rest
            return self._view(dtype, tuple(_list(shape)), offset, length)
        if tag == "l" or tag == "t":
            (items,) = rest
            values = self._items(items, depth)
            return values if tag == "l" else tuple(values)
        if tag == "d":
            (pairs,) = rest
            return {self._key(k, depth + 1): self.decode(v, depth + 1) for k, v in _list(pairs)}
        if tag == "b":
            offset, length = rest
            held = bytes(self._raw(offset, length))
            self._count(held)
            return held
        if tag == "n":
            dtype, offset, length = rest
            return self._view(dtype, (), offset, length)[()]
        if tag == "T":
            framework, name, device, array = rest
            data = TensorData(_text(framework), _text(name), _text(device), self.decode(array, depth + 1))
            if type(data.array) is not np.ndarray:
                raise WireError("a tensor came without its values")
            return self.tensor(data)
        if tag == "i":
            (raw,) = rest
            if type(raw) is not bytes or len(raw) > MAX_INT_BYTES:
                raise WireError("a malformed integer came")
            return int.from_bytes(raw, "little", signed=True)
        if tag == "c":
            real, imag = rest
            return complex(real, imag)
        if tag == "s":
            return slice(*(self.decode(v, depth + 1) for v in rest))
        if tag == "e":
            return Ellipsis
        if tag == "o":
            number, name, held = rest
            if type(number) is not int:
                raise WireError("a malformed reference came")
            return self.dressed(Reference(number, _text(name)), self.decode(held, depth + 1))
        if tag == "p":
            name, source = rest
            return self.compile_probe(ProbeSource(_text(name), _text(source)))
        raise WireError("a value of unknown kind came")

    def _count(self, scalar: Any, many: int = 1) -> None:
        """Note how many values came, and how long a text among them is; an array's width stands for its texts."""
        self._scalars += many
        if isinstance(scalar, str):
            self._longest_text = max(self._longest_text, len(scalar))
        elif isinstance(scalar, bytes):
            self._longest_bytes = max(self._longest_bytes, len(scalar))
        elif isinstance(scalar, np.dtype) and scalar.kind in "US":
            self._longest_text = max(self._longest_text, scalar.itemsize >> 2 if scalar.kind == "U" else NONE)
            self._longest_bytes = max(self._longest_bytes, scalar.itemsize if scalar.kind == "S" else NONE)

    def _items(self, items: Any, depth: int) -> list[Any]:
        """The items of a list, of which numpy may make an array: each of its texts gets the width of the longest."""
        outside = self._longest_text, self._longest_bytes
        self._longest_text = self._longest_bytes = NONE
        before = self._scalars
        values = [self.decode(v, depth + 1) for v in _list(items)]
        text, raw = self._longest_text, self._longest_bytes
        if max(text, raw) > LONG_TEXT:
            width = raw if text == NONE else 4 * max(text, raw)  # beside a text, bytes become one
            # numpy makes no array of lists beside scalars, and one of objects where there are dicts
            nested = {isinstance(v, list | tuple) or (isinstance(v, np.ndarray) and v.ndim > 0) for v in values}
            plain = len(nested) == 1 and not any(isinstance(v, dict) for v in values)
            if plain and width * (self._scalars - before) > MAX_TEXTS:
                raise WireError(f"an array of these texts would take more than {MAX_TEXTS >> 20} MiB")
        self._longest_text, self._longest_bytes = max(text, outside[0]), max(raw, outside[1])
        return values

    def _key(self, item: Any, depth: int) -> Any:
        if isinstance(item, list):
            self._tagged_keys += 1
            if self._tagged_keys > MAX_TAGGED_KEYS:
                raise WireError(f"more than {MAX_TAGGED_KEYS} keys of a dict came that are not plain")
        return self.decode(item, depth)

    def _view(self, dtype: Any, shape: tuple[Any, ...], offset: Any, length: Any) -> np.ndarray[Any, Any]:
        kind = NUMERIC.get(dtype) if isinstance(dtype, str) else None
        if kind is None:
            if not (isinstance(dtype, str) and TEXT_DTYPE.match(dtype)):
                raise WireError("an array of unknown dtype came")
            kind = np.dtype(dtype)
            if not kind.itemsize:  # numpy would widen it, and the array would be larger than announced
                raise WireError("an array of text without width came")
        if len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
            raise WireError("an array of impossible shape came")
        if math.prod(shape) * kind.itemsize != length:
            raise WireError("an array's shape and size disagree")
        self.numbers += math.prod(shape) if kind.kind not in "US" else 0
        if self.numbers > MAX_NUMBERS:
            raise TooMuch(f"arrays of more than {MAX_NUMBERS:,} numbers came")
        raw = self._raw(offset, length)
        self._count(kind, math.prod(shape))
        if not length:
            return np.zeros(shape, kind)
        if kind.kind == "b":
            # a bool's byte must be 0 or 1: numpy relies on that
            return np.not_equal(np.frombuffer(raw, np.uint8), 0).reshape(shape)
        if kind.kind == "U" and np.frombuffer(raw, "<u4").max() > sys.maxunicode:
            raise WireError("a text of impossible characters came")
        # a copy: writable, aligned, and it does not keep the whole message alive
        return np.frombuffer(raw, kind).reshape(shape).copy()

    def _raw(self, offset: Any, length: Any) -> memoryview:
        """The next bytes of the blob, which must start where the last ones ended."""
        if type(offset) is not int or type(length) is not int or not 0 <= length <= len(self._blob) - offset:
            raise WireError("an array lies outside its message")
        if offset != self._read:
            # arrays that share bytes could take far more memory here than the message did
            raise WireError("the arrays do not lie one after another")
        self._read += length
        return self._blob[offset : offset + length]


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise WireError("a malformed container came")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise WireError("a malformed name came")
    return value
