"""Kernel messages, bounded before they are read: whatever a kernel sends, the grader's memory stays small.

A message is JSON in frames. Python needs up to a hundred times as much memory for a value as for its JSON, so the
length of a frame decides whether it is parsed at all.
"""

from __future__ import annotations

from typing import Any

import zmq
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session

MAX_FRAME = 32 << 20
"""Bytes of one frame; ZeroMQ drops the connection on which a longer one comes."""
MAX_CONTENT = 4 << 20
"""Bytes of a message's content. Longer content is not parsed."""
MAX_HEAD = 64 << 10
"""Bytes of each of the other parts of a message: its headers and its metadata."""
WAITING = 8
"""How many messages may wait to be read on each socket."""
_PARTS = 5
"""Signature, header, parent header, metadata and content. Buffers may follow; nothing here reads them."""


class BoundedSession(Session):  # type: ignore[misc]
    """A session that does not parse what is too long.

    A message that it returns has two more items: ``size``, the bytes of its content, and ``left_out``, whether the
    content was too long and is an empty dict instead.
    """

    def deserialize(self, msg_list: list[Any], content: bool = True, copy: bool = True) -> dict[str, Any]:
        """The message in these frames.

        Raises
        ------
        ValueError
            when a header or the metadata is too long, or the message is malformed.
        """
        if any(len(part) > MAX_HEAD for part in msg_list[: _PARTS - 1]):
            raise ValueError(f"a header of a kernel message has more than {MAX_HEAD} bytes")
        message: dict[str, Any] = super().deserialize(msg_list[:_PARTS], content=False, copy=copy)
        packed = message["content"]
        message["size"], message["left_out"] = len(packed), len(packed) > MAX_CONTENT
        if content:
            message["content"] = {} if message["left_out"] else self.unpack(packed)
        return message


def bounded_client(manager: AsyncKernelManager) -> Any:
    """A client for a kernel whose messages are not trusted; its channels have not been started."""
    session = manager.session
    client = manager.client(session=BoundedSession(key=session.key, signature_scheme=session.signature_scheme))
    client.context.setsockopt(zmq.MAXMSGSIZE, MAX_FRAME)
    client.context.setsockopt(zmq.RCVHWM, WAITING)
    return client
