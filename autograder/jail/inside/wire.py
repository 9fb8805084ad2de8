"""The wire: the one format in which anything crosses between the trusted side and a student's kernel.

A message is a frame: ``>II`` (length of the head, length of the blob), the head in MessagePack, then the blob, in which
the bytes of arrays lie one after another. Values in the head are either plain MessagePack scalars (None, bool, 64-bit
int, float, str, bytes) or a list ``[tag, ...]``:

========  =====================================  ===========================================
tag       holds                                  Python
========  =====================================  ===========================================
``l t``   items                                  list, tuple
``d``     [[key, value], ...]                    dict
``i``     two's complement bytes, little-endian  int beyond 64 bits
``c``     real, imaginary                        complex
``b``     offset, length                         bytes, when long
``a``     dtype, shape, offset, length           numpy.ndarray
``n``     dtype, offset, length                  numpy scalar
``T``     framework, dtype, device, array        :class:`TensorData` (torch or TensorFlow)
``s``     start, stop, step                      slice
``e``     nothing                                Ellipsis
``h``     number, type name                      :class:`Reference` to an object over there
``p``     name, source                           :class:`ProbeSource`, a function sent as text
========  =====================================  ===========================================

Nothing in it names a class to build or code to run, so decoding executes nothing; a frame is refused by its announced
size before it is read, and by depth while it is walked. This file runs on both sides and is sent to kernels as text:
it may use the standard library, msgpack and numpy, nothing else.

Protocol of the packing: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

import math
import os
import re
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass
from typing import Any, Protocol

import msgpack
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

AWAKE_S = 200e-6
"""Seconds to wait for a message awake: to be woken from sleep takes about as long, on a virtual machine above all."""
MAX_SKIP = 15
"""Messages for which that is not tried after it has failed several times."""

_FRAME = struct.Struct(">II")
_NUMERIC = {
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
_TEXT_DTYPE = re.compile(r"(?:<U|\|S)\d{1,6}\Z")


def crosses(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of this element type are data: numbers, or text of bounded width."""
    name = dtype.newbyteorder("<").str
    return name in _NUMERIC or bool(_TEXT_DTYPE.match(name))


class WireError(Exception):
    """A value that cannot cross, or a message that breaks the format. The text says which and why."""


class TooMuch(WireError):
    """Data, but too deep or too large to cross."""


_PIECE = 1 << 14


class Stream(Protocol):
    """What a frame is read from and written to: a socket, or anything with these two methods."""

    def recv_into(self, buffer: memoryview, /) -> int: ...

    def sendall(self, data: bytes | memoryview, /) -> None: ...


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


class Encoder:
    """Turns Python values into a frame. ``refer`` decides what becomes of an object that is not data."""

    def __init__(self) -> None:
        self._blob: list[bytes] = []
        self._size = 0

    def refer(self, value: object) -> Any:
        """Encode an object that is not data; the base class refuses it.

        Raises
        ------
        WireError
            always: subclasses return the encoded form instead.
        """
        raise WireError(f"{type(value).__name__} is not data and cannot cross")

    def frame(self, value: object) -> bytes:
        """The whole message for ``value``.

        Raises
        ------
        WireError
            when something in it is not data, or it is too deep or too large.
        """
        head = msgpack.packb(self.encode(value), use_bin_type=True)
        if len(head) > MAX_HEAD:
            raise TooMuch(f"the value is too large: {len(head)} bytes of structure, {MAX_HEAD} may cross")
        return b"".join((_FRAME.pack(len(head), self._size), head, *self._blob))

    def encode(self, value: object, depth: int = 0) -> Any:
        """The head's form of one value; array bytes are set aside for the blob."""
        if depth > MAX_DEPTH:
            raise TooMuch(f"the value is nested deeper than {MAX_DEPTH} levels")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is str:
            # lone surrogates cannot be UTF-8; the reader sees '?' rather than nothing
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
            return self._array(value) if crosses(value.dtype) else self.refer(value)
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
        return self.refer(value)

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
        """Put bytes into the blob; where they lie."""
        self._make_room(len(data))
        offset, self._size = self._size, self._size + len(data)
        self._blob.append(data)
        return offset, len(data)


class Decoder:
    """Turns a frame into Python values. ``resolve`` and ``compile_probe`` give references and probes their meaning."""

    def __init__(self, blob: bytes | bytearray) -> None:
        self._blob = memoryview(blob)
        self._read = 0
        self._tagged_keys = 0

    def resolve(self, reference: Reference) -> object:
        """What a reference becomes here: itself, unless a subclass knows the object."""
        return reference

    def compile_probe(self, probe: ProbeSource) -> object:
        """What a probe becomes here: refused, since only a kernel runs code that was sent.

        Raises
        ------
        WireError
            always, in this class.
        """
        raise WireError("code came where only data may come")

    def tensor(self, tensor: TensorData) -> object:
        """What a tensor becomes here: itself, unless a subclass has the framework at hand."""
        return tensor

    def decode(self, item: Any, depth: int = 0) -> Any:
        """The value behind one item of the head.

        Raises
        ------
        WireError
            when it breaks the format.
        """
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested deeper than {MAX_DEPTH} levels")
        if not isinstance(item, list):
            if item is None or type(item) in (bool, int, float, str, bytes):
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
            values = [self.decode(v, depth + 1) for v in _list(items)]
            return values if tag == "l" else tuple(values)
        if tag == "d":
            (pairs,) = rest
            return {self._key(k, depth + 1): self.decode(v, depth + 1) for k, v in _list(pairs)}
        if tag == "b":
            offset, length = rest
            return bytes(self._raw(offset, length))
        if tag == "n":
            dtype, offset, length = rest
            return self._view(dtype, (), offset, length)[()]
        if tag == "T":
            framework, name, device, array = rest
            data = TensorData(_text(framework), _text(name), _text(device), self.decode(array, depth + 1))
            if not isinstance(data.array, np.ndarray):
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
        if tag == "p":
            name, source = rest
            return self.compile_probe(ProbeSource(_text(name), _text(source)))
        raise WireError("a value of unknown kind came")

    def _key(self, item: Any, depth: int) -> Any:
        if isinstance(item, list):
            self._tagged_keys += 1
            if self._tagged_keys > MAX_TAGGED_KEYS:
                raise WireError(f"more than {MAX_TAGGED_KEYS} keys of a dict came that are not plain")
        return self.decode(item, depth)

    def _view(self, dtype: Any, shape: tuple[Any, ...], offset: Any, length: Any) -> np.ndarray[Any, Any]:
        kind = _NUMERIC.get(dtype) if isinstance(dtype, str) else None
        if kind is None:
            if not (isinstance(dtype, str) and _TEXT_DTYPE.match(dtype)):
                raise WireError("an array of unknown dtype came")
            kind = np.dtype(dtype)
            if not kind.itemsize:  # numpy would make it wider, and the array larger than announced
                raise WireError("an array of text without width came")
        if len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
            raise WireError("an array of impossible shape came")
        if math.prod(shape) * kind.itemsize != length:
            raise WireError("an array's shape and size disagree")
        raw = self._raw(offset, length)
        if not length:
            return np.zeros(shape, kind)
        if kind.kind == "b":
            # any byte but 0 and 1 is no bool, and numpy counts on that
            return np.not_equal(np.frombuffer(raw, np.uint8), 0).reshape(shape)
        if kind.kind == "U" and np.frombuffer(raw, "<u4").max() > sys.maxunicode:
            raise WireError("a text of impossible characters came")
        # a copy: writable, aligned, and it does not keep the whole message alive
        return np.frombuffer(raw, kind).reshape(shape).copy()

    def _raw(self, offset: Any, length: Any) -> memoryview:
        """The next bytes of the blob."""
        if type(offset) is not int or type(length) is not int or not 0 <= length <= len(self._blob) - offset:
            raise WireError("an array lies outside its message")
        if offset != self._read:
            # arrays that share bytes would take more memory here than the message has
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


class Awake:
    """Waits awake for what comes soon, as long as that pays.

    Most operations on small arrays take less time than it takes to wake a process that sleeps. Where nothing comes
    soon, because they take longer or this process holds the core that the other one needs, it is tried more seldom.
    """

    def __init__(self) -> None:
        self._skip = self._skipped = 0
        # with one core, or where nobody can say, the other side cannot answer while this one waits awake
        self._pays = hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(0)) > 1

    def readable(self, stream: socket.socket) -> bool:
        """Whether a byte, or the end, came within :data:`AWAKE_S`; False at once where waiting has not paid lately."""
        if not self._pays:
            return False
        if self._skipped < self._skip:
            self._skipped += 1
            return False
        end = time.perf_counter() + AWAKE_S
        while not select.select([stream], [], [], 0)[0]:
            if time.perf_counter() > end:
                self._skip, self._skipped = min(2 * self._skip + 1, MAX_SKIP), 0
                return False
            os.sched_yield()
        self._skip = self._skipped = 0
        return True


class Buffered:
    """A socket read in large pieces: one system call a message, where header, head and blob would take three."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = memoryview(b"")

    def recv_into(self, view: memoryview, /) -> int:
        """Fill the beginning of ``view``; how many bytes came, 0 at the end."""
        if not self._left:
            if len(view) >= _PIECE:
                return self._stream.recv_into(view)
            piece = memoryview(bytearray(_PIECE))
            self._left = piece[: self._stream.recv_into(piece)]
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def sendall(self, data: bytes | memoryview, /) -> None:
        """Write, unbuffered."""
        self._stream.sendall(data)


def send(stream: Stream, value: object, encoder: Encoder | None = None) -> None:
    """Write ``value`` as one frame.

    Raises
    ------
    WireError
        when it is not data, or too deep or large; nothing has been written then.
    """
    stream.sendall((encoder or Encoder()).frame(value))


def receive(stream: Stream) -> tuple[Any, bytearray]:
    """Read one frame: the undecoded head and the blob, for a :class:`Decoder`.

    Raises
    ------
    EOFError
        when the other side is gone.
    WireError
        when the frame announces more than may cross (it is not read then), or its head is not MessagePack.
    """
    head_length, blob_length = _FRAME.unpack(_exactly(stream, _FRAME.size))
    if head_length > MAX_HEAD or blob_length > MAX_BLOB:
        raise WireError(
            f"a message of {head_length + blob_length} bytes came, "
            f"{MAX_HEAD >> 20} MiB of structure and {MAX_BLOB >> 20} MiB of arrays may"
        )
    head = _exactly(stream, head_length)
    blob = _exactly(stream, blob_length)
    try:
        item = msgpack.unpackb(head, raw=False, strict_map_key=True, max_map_len=0, max_ext_len=0)
    except RecursionError:
        raise WireError("a message nested too deeply came") from None
    except Exception as error:  # msgpack has no common base for what a hostile message makes it raise
        raise WireError(f"a message that is not MessagePack came ({type(error).__name__})") from None
    return item, blob


def _exactly(stream: Stream, length: int) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        count = stream.recv_into(view)
        if not count:
            raise EOFError("the other side is gone")
        view = view[count:]
    return data
