"""Messages of nbgrader and Jupyter, made safe for a terminal and a CI log: they hold names that students chose.

A message is cleaned where a log record gives it out, so it does not matter which program writes it, and to where.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from autograder.text import clean

MAX_MESSAGE = 50_000
_COMMAND = re.compile(r"^([^\S\n]*)(?=::)|(##)(?=\w*\[)", re.MULTILINE)
"""GitHub's runner takes any white space off the beginning of a line; Azure's and TeamCity's have a name after ##."""


class CleanRecord(logging.LogRecord):
    """A log record without escape sequences and control characters, of which no line is a CI runner's command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = harmless_lines(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:
        """The message, cleaned."""
        return harmless_lines(super().getMessage())


def harmless_lines(text: str) -> str:
    """Lines that nothing takes for more than a text; a bar stands before what looks like a CI runner's command."""
    return _COMMAND.sub(lambda found: f"{found[1]}│ " if found[2] is None else "## ", clean(text, MAX_MESSAGE))


def install() -> None:
    """Make all log records of this process clean ones, unless it has records of its own kind."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(CleanRecord)
