"""Decodes a message from the wire to Python values. The message is not trusted, and decoding runs nothing in it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
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
        kind = type(item)
        if kind in _NUMBERS:
            self._scalars += 1
            return item
        if kind is not list:
            if kind is not str and kind is not bytes:
                raise WireError(f"a {kind.__name__} does not belong in a message")
            self._note_text(item)
            return item
        try:
            return self._tagged(item[0], item[1:], depth)
        except WireError:
            raise
        except (IndexError, ValueError, TypeError, OverflowError) as error:
            raise WireError(f"a malformed value came: {error}") from None

    def _tagged(self, tag: Any, rest: list[Any], depth: int) -> Any:
        decode = _DECODE.get(tag) if type(tag) is str else None
        if decode is None:
            raise WireError("a value of unknown kind came")
        return decode(self, depth, *rest)

    def _object(self, depth: int, number: Any, name: Any) -> object:
        return self.resolve(_reference(number, name))

    def _in_dress(self, depth: int, number: Any, name: Any, held: Any) -> object:
        return self.dressed(_reference(number, name), self.decode(held, depth + 1))

    def _array(self, depth: int, dtype: Any, shape: Any, offset: Any, length: Any) -> np.ndarray[Any, Any]:
        return self._view(dtype, tuple(_list(shape)), offset, length)

    def _scalar(self, depth: int, dtype: Any, offset: Any, length: Any) -> Any:
        return self._view(dtype, (), offset, length)[()]

    def _dict(self, depth: int, pairs: Any) -> dict[Any, Any]:
        return {self._key(k, depth + 1): self.decode(v, depth + 1) for k, v in _list(pairs)}

    def _bytes(self, depth: int, offset: Any, length: Any) -> bytes:
        held = bytes(self._raw(offset, length))
        self._note_text(held)
        return held

    def _tensor(self, depth: int, framework: Any, name: Any, device: Any, array: Any) -> object:
        data = TensorData(_text(framework), _text(name), _text(device), self.decode(array, depth + 1))
        if type(data.array) is not np.ndarray:
            raise WireError("a tensor came without its values")
        return self.tensor(data)

    def _slice(self, depth: int, start: Any, stop: Any, step: Any) -> slice:
        return slice(*(self.decode(v, depth + 1) for v in (start, stop, step)))

    def _probe(self, depth: int, name: Any, source: Any) -> object:
        return self.compile_probe(ProbeSource(_text(name), _text(source)))

    def _note_text(self, text: str | bytes) -> None:
        """Note that a text came, and how long it is."""
        self._scalars += 1
        if type(text) is str:
            self._longest_text = max(self._longest_text, len(text))
        else:
            self._longest_bytes = max(self._longest_bytes, len(text))

    def _note_texts(self, dtype: np.dtype[Any], count: int) -> None:
        """Note that an array of texts came; its width stands for them."""
        self._scalars += count
        if dtype.kind == "U":
            self._longest_text = max(self._longest_text, dtype.itemsize >> 2)
        else:
            self._longest_bytes = max(self._longest_bytes, dtype.itemsize)

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
        count = math.prod(shape)
        if count * kind.itemsize != length:
            raise WireError("an array's shape and size disagree")
        self.numbers += count if kind.kind not in "US" else 0
        if self.numbers > MAX_NUMBERS:
            raise TooMuch(f"arrays of more than {MAX_NUMBERS:,} numbers came")
        raw = self._raw(offset, length)
        if kind.kind in "US":
            self._note_texts(kind, count)
        else:
            self._scalars += count
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


def _reference(number: Any, name: Any) -> Reference:
    if type(number) is not int:
        raise WireError("a malformed reference came")
    return Reference(number, _text(name))


def _integer(raw: Any) -> int:
    if type(raw) is not bytes or len(raw) > MAX_INT_BYTES:
        raise WireError("a malformed integer came")
    return int.from_bytes(raw, "little", signed=True)


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise WireError("a malformed container came")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise WireError("a malformed name came")
    return value


_NUMBERS = frozenset((type(None), bool, int, float))
"""What MessagePack holds as it is, besides texts."""

_DECODE: dict[str, Callable[..., Any]] = {
    "h": Decoder._object,
    "o": Decoder._in_dress,
    "a": Decoder._array,
    "n": Decoder._scalar,
    "l": lambda it, depth, items: it._items(items, depth),
    "t": lambda it, depth, items: tuple(it._items(items, depth)),
    "d": Decoder._dict,
    "b": Decoder._bytes,
    "T": Decoder._tensor,
    "i": lambda it, depth, raw: _integer(raw),
    "c": lambda it, depth, real, imag: complex(real, imag),
    "s": Decoder._slice,
    "e": lambda it, depth: Ellipsis,
    "p": Decoder._probe,
}
"""How what follows a tag is decoded, after the depth."""
