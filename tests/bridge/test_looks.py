"""Is who needs a look said at the end, once each, in lines that can be shown?"""

from __future__ import annotations

import logging

import pytest

from autograder.bridge.looks import Looks


def test_each_line_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    looks = Looks()
    for _ in range(2):
        looks.add("ada\x1b[31m\n::error::", "two\nlines", "do this")
    looks.add("bela", "something")
    looks.tell(logging.getLogger("looks"))
    assert caplog.messages == [
        "who needs a look (2); everybody else is done:",
        "  ada ::error::: two lines; do this",
        "  bela: something",
    ]


def test_nobody_is_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    Looks().tell(logging.getLogger("looks"))
    assert caplog.messages == []
