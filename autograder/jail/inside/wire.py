"""The wire: the only format for messages between the trusted side and a student's kernel.

A message is a frame: ``>II`` (length of the head, length of the blob), the head in MessagePack, then the blob, which
holds the bytes of arrays one after another. Values in the head are either plain MessagePack scalars (None, bool, 64-bit
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
``h``     number, type name                      :class:`Reference` to a student's object
``o``     number, type name, value               an instance of a subclass: what it holds, and where it is
``p``     name, source                           :class:`ProbeSource`, a function sent as text
========  =====================================  ===========================================

A frame that is too large by its announced size is refused before it is read; one that is too deep, while it is decoded.
A message names no class to build, and only a kernel compiles the code of a probe, so decoding on the trusted side
executes nothing. This file runs on both sides and is sent to kernels as text, so it may use only the standard library,
msgpack and numpy.

MessagePack's specification: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

from typing import Any

import msgpack

from autograder.jail.inside.decode import Decoder
from autograder.jail.inside.encode import FRAME, Encoder
from autograder.jail.inside.stream import Stream
from autograder.jail.inside.values import MAX_BLOB, MAX_HEAD, MAX_LISTS, TooMuch, WireError

__all__ = ["Decoder", "Encoder", "Room", "receive", "send"]
STRUCTURE = 32
"""How many bytes of arrays one of structure counts for: a small integer is one byte, and takes some 50 for a moment."""
_PIECE = 1 << 20


def send(stream: Stream, value: object, encoder: Encoder | None = None) -> None:
    """Write ``value`` as one frame.

    Raises
    ------
    WireError
        when it is not data, or is too deep or too large; nothing has been written then.
    """
    stream.sendall((encoder or Encoder()).frame(value))


def receive(stream: Stream, room: Room | None = None) -> tuple[Any, bytearray]:
    """Read one frame: the undecoded head and the blob, for a :class:`Decoder`.

    ``room``: how much may still come, in several frames together.

    Raises
    ------
    EOFError
        when the other side is gone.
    TooMuch
        when there is no room for it. It has been passed over, so that the next frame can be read.
    WireError
        when the announced size is over the limit (the frame is then not read), or the head is not MessagePack.
    """
    head_length, blob_length = FRAME.unpack(_exactly(stream, FRAME.size))
    if head_length > MAX_HEAD or blob_length > MAX_BLOB:
        raise WireError(
            f"a message of {head_length + blob_length} bytes came, "
            f"{MAX_HEAD >> 20} MiB of structure and {MAX_BLOB >> 20} MiB of arrays may"
        )
    if room is not None and not room.take(head_length, blob_length):
        _pass_over(stream, head_length + blob_length)
        raise TooMuch(f"{head_length + blob_length:,} bytes, after what came before")
    head = _exactly(stream, head_length)
    blob = _exactly(stream, blob_length)
    count = _Lists().count if head_length > MAX_LISTS else None  # a shorter one cannot hold more
    try:
        item = msgpack.unpackb(head, raw=False, strict_map_key=True, max_map_len=0, max_ext_len=0, list_hook=count)
    except WireError:
        raise
    except RecursionError:
        raise WireError("a message nested too deeply came") from None
    except Exception as error:  # the exceptions that msgpack raises for hostile messages have no common base class
        raise WireError(f"a message that is not MessagePack came ({type(error).__name__})") from None
    return item, blob


class Room:
    """How much may come in several frames together, in bytes of arrays; structure counts for more."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, head_length: int, blob_length: int) -> bool:
        """Whether there is room for a frame of these lengths, which is then less."""
        size = STRUCTURE * head_length + blob_length
        if size > self._left:
            return False
        self._left -= size
        return True

    def numbers(self, count: int, blob_length: int) -> None:
        """So many numbers came in a frame that was taken: each counts for 8 bytes, whatever it came in."""
        self._left -= max(0, 8 * count - blob_length)


class _Lists:
    """Counts the lists of a message while it is unpacked."""

    def __init__(self) -> None:
        self._left = MAX_LISTS

    def count(self, unpacked: list[Any]) -> list[Any]:
        """Count one; the list is kept as it is.

        Raises
        ------
        WireError
            when there are too many.
        """
        self._left -= 1
        if self._left < 0:
            raise WireError(f"a message of more than {MAX_LISTS} lists came")
        return unpacked


def _pass_over(stream: Stream, length: int) -> None:
    piece = memoryview(bytearray(min(length, _PIECE)))
    while length:
        count = stream.recv_into(piece[:length])
        if not count:
            raise EOFError("the other side is gone")
        length -= count


def _exactly(stream: Stream, length: int) -> bytearray:
    data = bytearray(length)
    if not length:
        return data
    view = memoryview(data)
    while view:
        count = stream.recv_into(view)
        if not count:
            raise EOFError("the other side is gone")
        view = view[count:]
    return data
