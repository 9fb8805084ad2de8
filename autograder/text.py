"""Makes text from an untrusted source safe to show: limits its length and removes control characters."""

from __future__ import annotations

import re
from typing import Any

MAX_TEXT = 4_000
_CONTROL = re.compile(  # control characters, and those that reorder or hide text
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\U000e0000-\U000e007f\ufff9-\ufffb\ud800-\udfff]"
)
_ACTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""How a text begins that a spreadsheet evaluates; Excel in Japanese takes wide signs too."""
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_COMMAND = re.compile(r"^([^\S\n]*)(?=::)|(##)(?=\w*\[)", re.MULTILINE)


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """The text, cut to ``limit``, without escape sequences, control characters and direction characters."""
    text = _CONTROL.sub("", _ANSI.sub("", text[: 2 * limit]))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def harmless(text: str, limit: int = MAX_TEXT) -> str:
    """As :func:`clean`, for a terminal or a log: nothing in it is a command to the runner of a CI job.

    GitHub's takes any white space off the beginning of a line before ``::``. Its older commands, Azure's and TeamCity's
    begin with ``##``, an optional name and a bracket, anywhere in a line.
    """
    return _COMMAND.sub(lambda found: f"{found[1]}│ " if found[2] is None else "## ", clean(text, limit))


def plain(value: Any) -> Any:
    """A value that a spreadsheet reads as text or a number; text that it would evaluate gets an apostrophe."""
    text = "" if value is None else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_ACTS) else text
