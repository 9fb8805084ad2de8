"""Describes the student's exceptions as data, without the platform's frames and the machine's folders."""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any

FILE_PREFIX = "<autograder"
"""Prefix of the platform's file names. Frames in these files are never shown in a student's traceback."""
MAX_FRAMES = 12
MAX_MESSAGE = 2_000
_APPEAL = re.compile(r"\bplease (?:report|file|open) ", re.IGNORECASE)
"""How a framework asks its user to report what it takes for its own fault; here it is a student's."""
_WHERE_TO = re.compile(r"https?://\S+|bug to \w+\.?")
MAX_APPEAL = 400
_FRAME = re.compile(r' *File "([^"\n]*)", (line \d+, in .*)')

CellLabel = Callable[[str], str | None]
"""Returns the name of the cell for a code file name; None if the file is not a cell."""


def describe(error: BaseException, cell_label: CellLabel) -> dict[str, Any]:
    """An exception as data of limited size: the names of its classes, its message, its traceback without our frames."""
    try:
        message = str(error)
    except BaseException:
        message = "(its message could not be made)"
    return {
        "types": [cls.__name__[:80] for cls in type(error).__mro__[:-1]][:12],
        "message": without_appeal(without_frames(message[: 50 * MAX_MESSAGE], cell_label))[:MAX_MESSAGE],
        "traceback": _traceback(error.__traceback__, cell_label),
    }


def _traceback(trace: TracebackType | None, cell_label: CellLabel) -> str:
    """The frames except ours, innermost last. Of consecutive library frames, only the last is kept."""
    lines: list[str] = []
    in_library = False
    while trace is not None:
        code = trace.tb_frame.f_code
        if not code.co_filename.startswith(FILE_PREFIX):
            if in_library:
                lines.pop()
            cell = cell_label(code.co_filename)
            in_library = cell is None and not code.co_filename.startswith("<")
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            where = cell or _short(code.co_filename)
            lines.append(f"{where}, line {trace.tb_lineno}, in {code.co_name}\n    {source[:160]}")
        trace = trace.tb_next
    if len(lines) > MAX_FRAMES:
        left_out = len(lines) - MAX_FRAMES
        lines[MAX_FRAMES // 2 : -MAX_FRAMES // 2] = [f"... {left_out} more calls ..."]
    return "\n".join(lines)


def without_frames(message: str, cell_label: CellLabel) -> str:
    """A message without the stack traces that TensorFlow writes into its messages. Frames of cells are kept.

    ``cell_label`` gives the cell's name for a file name.
    """
    kept: list[str] = []
    dropped: int | None = None  # the indentation of a dropped frame, whose source line must be dropped too
    for line in message.splitlines():
        indent = len(line) - len(line.lstrip())
        frame = _FRAME.fullmatch(line)
        if frame:
            cell = cell_label(frame[1])
            dropped = None if cell else indent
            if cell:
                kept.append(f"{' ' * indent}{cell}, {frame[2]}")
        elif dropped is None or indent <= dropped:
            dropped = None
            kept.append(line)
    return "\n".join(kept)


def without_appeal(message: str) -> str:
    """A message without the request to report a bug to a framework's authors, and where to do so."""
    asks = _APPEAL.search(message)
    where = _WHERE_TO.search(message, asks.end(), asks.end() + MAX_APPEAL) if asks else None
    if not asks or not where:
        return message
    return f"{message[: asks.start()].rstrip(' ,;').rstrip()}\n{message[where.end() :].lstrip()}".rstrip()


def _short(file_name: str) -> str:
    """A file name without the folders of this machine."""
    parts = file_name.replace(os.sep, "/").split("/")
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    return parts[-1]
