"""Messages of nbgrader and Jupyter, made safe for a terminal and a CI log: they hold names that students chose.

A message is cleaned where a log record gives it out, so it does not matter which program writes it, and to where.
"""

from __future__ import annotations

import logging
from typing import Any

from autograder.text import harmless

MAX_MESSAGE = 50_000


class CleanRecord(logging.LogRecord):
    """A log record without escape sequences and control characters, of which no line is a CI runner's command."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = harmless(logging.Formatter().formatException(self.exc_info), MAX_MESSAGE)

    def getMessage(self) -> str:
        """The message, cleaned."""
        return harmless(super().getMessage(), MAX_MESSAGE)


def install() -> None:
    """Make all log records of this process clean ones, unless it has records of its own kind."""
    if logging.getLogRecordFactory() is logging.LogRecord:
        logging.setLogRecordFactory(CleanRecord)
