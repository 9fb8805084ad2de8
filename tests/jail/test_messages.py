"""Are kernel messages bounded before they are parsed?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_client.session import Session

from autograder.jail.messages import MAX_CONTENT, MAX_HEAD, BoundedSession

KEY = b"key"


def frames(content: dict[str, Any], **more: Any) -> list[bytes]:
    sender = Session(key=KEY)
    return sender.serialize(sender.msg("stream", content, **more))[1:]


def read(parts: list[bytes]) -> dict[str, Any]:
    return BoundedSession(key=KEY).deserialize(parts)


def test_a_message_is_read_with_its_size() -> None:
    message = read(frames({"name": "stdout", "text": "ä"}))
    assert message["content"] == {"name": "stdout", "text": "ä"}
    assert message["msg_type"] == "stream"
    assert (message["left_out"], message["size"] > 20) == (False, True)


def test_content_that_is_too_long_is_not_parsed() -> None:
    parsed: list[int] = []
    session = BoundedSession(key=KEY)

    def unpack(packed: bytes) -> Any:
        parsed.append(len(packed))
        return json.loads(packed)

    session.unpack = unpack
    message = session.deserialize(frames({"name": "stdout", "text": "x" * MAX_CONTENT}))
    assert message["left_out"]
    assert message["content"] == {}
    assert message["size"] > MAX_CONTENT
    assert max(parsed) < MAX_HEAD


@pytest.mark.parametrize("where", ["metadata", "parent"])
def test_long_headers_are_refused(where: str) -> None:
    more = {"metadata": {"x": "x" * MAX_HEAD}} if where == "metadata" else {"parent": {"header": {"x": "x" * MAX_HEAD}}}
    with pytest.raises(ValueError, match="header"):
        read(frames({}, **more))


def test_a_wrong_signature_is_refused() -> None:
    parts = frames({"name": "stdout", "text": "x"})
    with pytest.raises(ValueError, match="Signature"):
        BoundedSession(key=b"other").deserialize(parts)


def test_buffers_are_not_read() -> None:
    assert read([*frames({"name": "stdout", "text": "x"}), b"x" * 100])["buffers"] == []
