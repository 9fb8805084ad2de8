"""Edits of a cell, in the notation of a unified diff without line numbers.

A line that begins with a space is kept, one with ``-`` is removed, one with ``+`` is added. A line ``@@`` separates two
edits of the same cell. The old lines of an edit, those with a space or ``-``, must match the cell in exactly one place.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

_BETWEEN = "@@"
_SHOWN = 60
"""The most characters of a line that a message quotes."""


@dataclass(frozen=True)
class Edit:
    """Consecutive lines, and the lines that replace them."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def patched(source: str, patch: str) -> str:
    """The text with every edit of the patch applied. All edits are located in the original text.

    Raises
    ------
    ValueError
        when an edit does not match exactly one place or changes nothing; one line says which line and what to do.
    """
    lines = source.split("\n")
    found = sorted(((_place(edit, lines), edit) for edit in _edits(patch)), key=lambda pair: pair[0])
    for (start, edit), (following, _) in itertools.pairwise(found):
        if following < start + len(edit.old):
            raise ValueError(f"two edits take the line {_quoted(lines[following])}: make one of them")
    for start, edit in reversed(found):
        lines[start : start + len(edit.old)] = edit.new
    return "\n".join(lines)


def _edits(patch: str) -> list[Edit]:
    parts: list[list[str]] = [[]]
    for line in patch.split("\n"):
        if line.startswith(_BETWEEN):
            parts.append([])
        else:
            parts[-1].append(line)
    trimmed = ("\n".join(part).strip("\n") for part in parts)
    edits = [_edit(part.split("\n")) for part in trimmed if part]
    if not edits:
        raise ValueError("there is no edit: write lines that begin with ' ', '-' or '+'")
    return edits


def _edit(lines: list[str]) -> Edit:
    for line in lines:
        if line[:1] not in ("", " ", "-", "+"):
            raise ValueError(f"the line {_quoted(line)} begins with neither ' ', '-' nor '+': say which it is")
    lines = [line if line.strip() else "" for line in lines]  # editors strip trailing spaces, so an empty line is kept
    old = tuple(line[1:] for line in lines if line[:1] != "+")
    new = tuple(line[1:] for line in lines if line[:1] != "-")
    if not "".join(old).strip():
        raise ValueError(f"the edit that begins with {_quoted(lines[0])} has no old line: add one before or after it")
    if old == new:
        raise ValueError(f"the edit that begins with {_quoted(lines[0])} changes nothing: mark lines with '-' and '+'")
    return Edit(old, new)


def _place(edit: Edit, lines: list[str]) -> int:
    """The index of the line where the old lines begin."""
    old = list(edit.old)
    places = [start for start in range(len(lines) - len(old) + 1) if lines[start : start + len(old)] == old]
    if not places:
        raise ValueError(f"{_lacking(old, lines)}: copy the old lines from there")
    if len(places) > 1:
        raise ValueError(f"the reference has {_quoted(old[0])} in {len(places)} places: add a line before or after it")
    return places[0]


def _lacking(old: list[str], lines: list[str]) -> str:
    """The most likely reason why the old lines were not found."""
    indented = {line.strip() for line in lines}
    for line in old:
        if line not in lines:
            return f"the reference has no line {_quoted(line)}" + " indented like this" * (line.strip() in indented)
    return f"the reference has the lines from {_quoted(old[0])} on, but not one after another as here"


def _quoted(line: str) -> str:
    line = line.strip()
    return f"'{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}'"
