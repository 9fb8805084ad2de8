"""A test's message in its parts: what happened, the example, what was called, where it was, and the hint.

The message was put together by :mod:`autograder.grading.verdict`, and some of its lines come from the student's
process. So a line that only looks like a label can move text into another part; no text is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from autograder.grading.shown import CALLED, EXAMPLE, HINT, WHERE

_FRAME = re.compile(r"    In \[(\d{1,9})\], line (\d{1,9})(?:, in (.*))?")
_MODULE = "<module>"


@dataclass(frozen=True)
class Frame:
    """Where in the notebook it was: the number of the cell's execution, the line in it, and the function."""

    count: int
    line: int
    function: str = ""


@dataclass
class Message:
    """The parts of a message.

    Attributes
    ----------
    said
        what happened, and whatever has no other place
    example
        the lines of a public example, as they are
    called
        the transcript: a line for each call
    where
        the lines under "Where:", as they are
    hint
        the hint, without its label
    """

    said: list[str] = field(default_factory=list)
    example: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    hint: list[str] = field(default_factory=list)

    @property
    def frame(self) -> Frame | None:
        """The last place in a cell that is named; None if there is none."""
        found = [match for line in self.where if (match := _FRAME.fullmatch(line))]
        if not found:
            return None
        count, line, function = found[-1].groups()
        return Frame(int(count), int(line), "" if function in (None, _MODULE) else function[:80])


def parts_of(text: str) -> Message:
    """The parts of a message; every line of it is in one of them, but for the labels."""
    parts = Message()
    labels = {EXAMPLE: parts.example, CALLED: parts.called, WHERE: parts.where}
    part = parts.said
    for line in text.split("\n"):
        if line in labels:
            part = labels[line]
        elif line.startswith(HINT):
            part = parts.hint
            part.append(line.removeprefix(HINT))
        elif line.startswith("    ") or part is parts.hint or part is parts.said:
            part.append(line)
        else:
            part = parts.said
            part.append(line)
    return parts
