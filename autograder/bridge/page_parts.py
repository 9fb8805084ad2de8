"""What of a notebook goes into a page: one form of each output, and a room that all of it has to fit into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.bridge.markup import Clean
from autograder.bridge.overview import TOP
from autograder.bridge.page_room import CELL, OUTPUT, Part, Room, size
from autograder.bridge.pictures import can_be_shown
from autograder.notebook.cells import is_graded
from autograder.reports.html import only_scores

ROOM = "autograder_room"
"""Where a page's room is in nbconvert's resources."""
MAX_OUTPUTS = 2_000
"""Outputs that a page shows, besides scores."""
MAX_SCORES = 2_000_000
"""Bytes of a page that results of tests may take. They are bounded where they are made, at some 20 kB a test."""
TOO_MUCH = "[left out: a picture that a browser cannot draw quickly / すぐには描けない画像を省略しました]"
MAX_SIZE = 10_000
"""Pixels of a picture's width or height."""
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_IN_BASE64 = ("image/png", "image/jpeg")
_KINDS = ("text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain")
"""The kinds of output that are shown, the best first, in nbconvert's order."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+", re.ASCII)
_FOR_PICTURES = 3, 4  # of what is not promised to texts; the rest is for their markup


class FitPage(Preprocessor):
    """Chooses what a page shows of each cell, and promises each text its share of the page.

    An output's metadata are reduced to the size of a picture, because templates copy them into tags unescaped. LaTeX in
    an output becomes a text, so that its formulas are shown as those of text cells are.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Change the notebook, which is a copy made for the page, and put the room into the resources."""
        room = resources[ROOM] = Room()
        top = size(resources.get(TOP, ""))
        room.left -= top
        pictures: list[tuple[NotebookNode, str]] = []
        parts: list[Part] = []
        scores, shown = max(0, MAX_SCORES - top), MAX_OUTPUTS
        for cell in nb.cells:
            room.left -= CELL
            cell.source = Part(cell.source)
            parts.append(cell.source)
            if cell.cell_type != "code":
                continue
            if not _is_count(cell.get("execution_count")):
                cell.execution_count = None
            score = _score(cell)
            if score is not None and size(score) <= scores:
                scores -= size(score)
                room.left -= size(score) + OUTPUT
                cell.outputs = [_output(cell.outputs[0], "text/html", score)]
                continue
            cell.outputs, missing = _first([out for one in cell.outputs for out in _shown(one)], shown)
            if missing:
                text = f"[left out: {missing:,} outputs / {missing:,} 個の出力を省略しました]"
                cell.outputs.append(new_output("stream", name="stderr", text=text))
            shown -= min(shown, len(cell.outputs))
            room.left -= OUTPUT * len(cell.outputs)
            for output in cell.outputs:
                kind = next(iter(output.get("data", {})), "")
                if kind in _PICTURES:
                    pictures.append((output, kind))
                else:
                    parts += _texts(output)
        room.promise(parts)
        _fit(pictures, room)
        return nb, resources


def _shown(output: NotebookNode) -> Iterator[NotebookNode]:
    """An output in the form in which a page shows it, if it shows it."""
    kind = output.output_type
    if kind in ("stream", "error"):
        yield output
        return
    data = output.get("data", {})
    latex = data.get("text/latex")
    if isinstance(latex, str) and "text/markdown" not in data:
        # a formula, or a text that has LaTeX's name only
        data["text/markdown" if latex.lstrip().startswith(("$", "\\begin")) else "text/plain"] = data.pop("text/latex")
    for name in _KINDS:
        value = data.get(name)
        if isinstance(value, str) and (name not in _PICTURES or _is_picture(name, value)):
            yield _output(output, name, value)
            return
    if any(name in data for name in _PICTURES):
        yield _output(output, "text/plain", Clean(TOO_MUCH))


def _is_picture(kind: str, value: str) -> bool:
    return (kind not in _IN_BASE64 or _BASE64.fullmatch(value) is not None) and can_be_shown(kind, value)


def _output(output: NotebookNode, kind: str, value: str) -> NotebookNode:
    about = output.get("metadata", {}).get(kind)
    output.data = NotebookNode({kind: value})
    output.metadata = NotebookNode({kind: _sizes(about)} if isinstance(about, dict) else {})
    return output


def _sizes(about: dict[str, Any]) -> NotebookNode:
    sizes = {name: about.get(name) for name in ("width", "height")}
    return NotebookNode(
        {name: size for name, size in sizes.items() if isinstance(size, int | float) and 0 <= size <= MAX_SIZE}
    )


def _texts(output: NotebookNode) -> list[Part]:
    """Make an output's text a part, and return it; a traceback becomes one."""
    if output.output_type == "error":
        output.traceback = [Part("\n".join(map(str, output.get("traceback", []))))]
        return list(output.traceback)
    if output.output_type == "stream":
        output.text = Part(output.text)
        return [output.text]
    for kind, value in output.data.items():
        output.data[kind] = Part(value)
    return list(output.data.values())


def _fit(pictures: list[tuple[NotebookNode, str]], room: Room) -> None:
    """Take the pictures' bytes from the room, in the order of the page; one that does not fit is a line of text."""
    part, of = _FOR_PICTURES
    free = room.free * part // of
    for output, kind in pictures:
        data = output.data[kind]
        cost = (len(data.encode()) + 2) // 3 * 4 if kind == "image/svg+xml" else len(data)
        if cost <= free:
            free -= cost
            room.left -= cost
            continue
        millions = f"{cost / 1e6:.1f} MB"
        text = f"[left out: a picture of {millions} / {millions} の画像を省略しました]"
        output.data = NotebookNode({"text/plain": Clean(text)})
        room.left -= len(text.encode())


def _first(outputs: list[NotebookNode], most: int) -> tuple[list[NotebookNode], int]:
    return outputs[:most], max(0, len(outputs) - most)


def _score(cell: NotebookNode) -> Clean | None:
    """The results that the platform wrote into a grade cell; None if the cell has others, or none."""
    if not is_graded(cell) or len(cell.outputs) != 1:
        return None
    html = cell.outputs[0].get("data", {}).get("text/html")
    return Clean(html) if isinstance(html, str) and only_scores(html) else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 10**9
