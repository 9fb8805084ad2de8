"""What cells may write, and how it is kept: bounded for each cell and for the notebook, in time that grows linearly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

STREAMS = ("stdout", "stderr")
MESSAGES = frozenset({"stream", "display_data", "execute_result", "error", "update_display_data"})
"""The kinds of kernel messages that hold a cell's output."""
WIDGETS = frozenset({"comm_open", "comm_msg", "comm_close"})
"""The kinds of kernel messages that hold the state of widgets."""
MAX_COUNT = 10**9
"""The number of a cell's execution must be less."""
OUTPUTS = 1_000
"""How many messages with outputs other than text from print a cell may send."""
_LEAST, _LEAST_OUTPUT = 64, 1_024
"""Bytes that the shortest text counts for, and the shortest other output, of which each stays an object of its own.

So a notebook that may write 4 MiB has at most 4,096 outputs. Python needs several kilobytes for one.
"""


class OutputRoom:
    """How much the cells of one notebook may still write, in bytes of the kernel's messages."""

    def __init__(self, cell_bytes: int, notebook_bytes: int, said_on: str = "stderr") -> None:
        """``said_on``: the stream of a cell in which it says that something was left out."""
        self._cell_bytes, self._notebook_bytes = cell_bytes, notebook_bytes
        self._said_on = said_on
        self._left = notebook_bytes
        self._cells: dict[int, int] = {}
        self._others: dict[int, int] = {}

    def begin(self, index: int) -> None:
        """The cell at this index begins to run."""
        self._cells[index], self._others[index] = self._cell_bytes, OUTPUTS

    def take(self, cell: NotebookNode, index: int, size: int, *, stream: bool) -> bool:
        """Whether the cell may write another ``size`` bytes. The first time that it may not, its output says so."""
        room = self._cells.get(index, 0)
        if room <= 0:
            return False
        size = max(size, _LEAST if stream else _LEAST_OUTPUT)
        self._others[index] -= not stream
        if self._others[index] < 0:
            self._close(cell, index, f"a cell may send {OUTPUTS} outputs")
        elif size > room:
            self.close(cell, index)
        elif size > self._left:
            self._close(cell, index, f"a notebook may write {self._notebook_bytes} bytes")
        else:
            self._cells[index] -= size
            self._left -= size
            return True
        return False

    def close(self, cell: NotebookNode, index: int) -> None:
        """Take no more of a cell's output, and say so in it."""
        self._close(cell, index, f"a cell may write {self._cell_bytes} bytes")

    def _close(self, cell: NotebookNode, index: int, limit: str) -> None:
        self._cells[index] = 0
        text = f"[the rest of the output was left out: {limit}]\n"
        cell.outputs.append(new_output("stream", name=self._said_on, text=text))


def places_of(shown: Mapping[str, Mapping[int, list[int]]], kind: str, content: Mapping[str, Any]) -> int:
    """At how many places an output is shown: an update changes every output with its display id.

    ``shown``: nbclient's map of display ids to the places of their outputs.
    """
    transient = content.get("transient") if kind != "stream" else None
    name = transient.get("display_id") if isinstance(transient, dict) else None
    places = shown.get(name, {}) if isinstance(name, str) else {}
    return 1 + sum(map(len, places.values()))


def check(kind: str, content: Mapping[str, Any]) -> None:
    """Check the types of an output's parts, because a notebook is written and shown with them.

    Raises
    ------
    ValueError
        when one has another type than Jupyter's message specification gives it.
    """
    if kind == "stream":
        right = content.get("name") in STREAMS and isinstance(content.get("text"), str)
    elif kind == "error":
        lines = content.get("traceback")
        right = isinstance(lines, list) and all(
            isinstance(text, str) for text in (content.get("ename"), content.get("evalue"), *lines)
        )
    else:
        data = content.get("data")
        right = (
            isinstance(data, dict)
            and isinstance(content.get("metadata"), dict)
            and all(isinstance(value, str) or name.endswith("json") for name, value in data.items())
        )
    right = right and isinstance(content.get("execution_count", 0), int | None)
    if not right:
        raise ValueError(f"a malformed {kind[:40]} message")


def with_a_count(content: dict[str, Any]) -> None:
    """Leave out of a message, in place, a number of its cell that a notebook may not have; nbclient writes it there.

    Every kind of message may hold one. With a negative one the graded notebook could not be written.
    """
    count = content.get("execution_count")
    if count is not None and not (type(count) is int and 0 <= count < MAX_COUNT):
        content["execution_count"] = None


def without_structure(content: dict[str, Any]) -> None:
    """Leave out of an output, in place, what is neither text nor a number in its metadata: no page shows it.

    A notebook's file has a line for each item of a list, indented by its depth: a megabyte of nested lists became some
    hundred.
    """
    if isinstance(content.get("data"), dict):
        content["data"] = {name: value for name, value in content["data"].items() if isinstance(value, str)}
        content["metadata"] = {
            name: {key: value for key, value in about.items() if isinstance(value, str | int | float)}
            for name, about in content["metadata"].items()
            if isinstance(about, dict)
        }


def error_output(name: str, text: str) -> NotebookNode:
    """An error of this class, as a cell that says what became of it has it."""
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


def merged(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs with one stream of each name, stdout before stderr where they are neighbours, as nbclient does it.

    Backspaces and carriage returns have the effect that they have in a terminal.
    """
    kept: list[NotebookNode] = []
    streams: dict[str, tuple[NotebookNode, list[str]]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
        elif output["name"] in streams:
            streams[output["name"]][1].append(output["text"])
        else:
            kept.append(output)
            streams[output["name"]] = output, [output["text"]]
    for output, texts in streams.values():
        output["text"] = as_in_a_terminal("".join(texts))
    names = [output.get("name") for output in kept]
    if set(STREAMS) <= set(names) and names.index("stdout") == names.index("stderr") + 1:
        place = names.index("stderr")
        kept[place : place + 2] = reversed(kept[place : place + 2])
    return kept


def as_in_a_terminal(text: str) -> str:
    """The text after its backspaces and carriage returns, such as a progress bar's. The time is linear."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_last_state(line) for line in text.split("\n"))


def _last_state(line: str) -> str:
    # a carriage return at the end of a line overwrites nothing
    line = line[line.rfind("\r", 0, len(line) - 1) + 1 :]
    if "\b" not in line:
        return line
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
