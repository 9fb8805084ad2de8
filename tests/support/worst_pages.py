"""Notebooks that a page cannot show whole: each is within the bounds of what may be handed in and written."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one pixel, in base64."""

TEXT, OUTPUT, PICTURES, CELLS = 1_000_000, 4 << 20, 8_000_000, 1_000
"""Characters of cells, bytes of output, characters of pictures, and cells that a notebook may have."""
OF_A_CELL = 1 << 20
"""Bytes of output that a cell may write."""
LONG = 20_000
"""Characters of a text cell that is shown as markup."""
CODE = {
    "operators": "a.b+c\n", "empty_lines": " \n", "white_space": "\u3000", "attributes": "a.", "numbers": "1.",
    "entities": "'&<>'\n", "wide": "# \U0001f600あ\n", "magics": "%%html\n<b>\n", "one_line": "(",
}  # fmt: skip
MARKDOWN = {
    "formulas": "$\\frac{a}{b}$ ", "left_open": "<b><p>", "lists": "- a\n", "brackets": "\\\\[", "headings": "a\n===\n",
    "square": "[", "fences": "```\n",
    "attributes": '<b title="<>&">x</b>', "perl": "```perl\n" + "s{(" * 50 + "\n```\n",
    "nested": "> ", "dollars": "$a\n\n",
}  # fmt: skip
TERMINAL = {
    "codes": "\x1b[1mX", "one_code": "\x1b[" + "1;" * 5_000 + "mX", "begun": "\x1b[", "entities": "&<",
    "wide": "\U0001f600", "letters": "x",
}  # fmt: skip
HTML = {
    "table": "<table><tr><td>1</td></tr></table>", "bold": "<b>x</b>", "text": "x ", "entities": "&amp;",
    "titles": '<b title="' + "<>" * 100 + '">x</b>',
    "pictures": '<img src="data:image/png;base64,AAAA">', "lines": "<br>",
}  # fmt: skip


def code(source: str, outputs: Sequence[Any] = ()) -> dict[str, Any]:
    """A code cell; nbformat's own function would validate each of thousands of outputs."""
    return {"cell_type": "code", "source": source, "metadata": {}, "execution_count": None, "outputs": list(outputs)}


def text(kind: str, source: str, **more: Any) -> dict[str, Any]:
    """A text cell."""
    return {"cell_type": kind, "source": source, "metadata": {}, **more}


def output(kind: str, **about: Any) -> dict[str, Any]:
    """An output."""
    return {"output_type": kind, **about}


def shown(kind: str, value: str) -> dict[str, Any]:
    """Something that was displayed."""
    return output("display_data", data={kind: value}, metadata={})


def filled(part: str, most: int) -> str:
    """A part repeated up to so many characters."""
    return part * (most // len(part))


def picture(most: int) -> str:
    """A picture in base64 of this length: one pixel, and random bytes."""
    pixel = base64.b64decode(PNG)
    return base64.b64encode(pixel + random.Random(1).randbytes(most // 4 * 3 - len(pixel))).decode()


def notebook_of(cells: Iterable[Mapping[str, Any]]) -> NotebookNode:
    """A notebook of copies of these cells, each with an id of its own."""
    copies = [nbformat.from_dict({**cell, "id": f"cell-{number}"}) for number, cell in enumerate(cells)]
    return nbformat.from_dict({"cells": copies, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def with_output(kind: str, value: str) -> dict[str, Any]:
    """A cell that has shown something."""
    return code("show()", outputs=[shown(kind, value)])


def worst_notebooks() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Names, and the cells of notebooks as they are once graded; make a notebook of them."""
    for name, part in CODE.items():
        yield f"code_{name}", [code(filled(part, TEXT))]
        yield f"much_code_{name}", [code(filled(part, 980))] * CELLS
    for name, part in MARKDOWN.items():
        cells = [text("markdown", filled(part, LONG))] * (TEXT // LONG)
        yield f"markdown_{name}", cells
        cells = [text("markdown", filled(part, 980))] * CELLS
        yield f"much_markdown_{name}", cells
    for name, part in TERMINAL.items():
        printed = filled(part, OF_A_CELL // len(part.encode()) * len(part))
        cell = code("print()", outputs=[output("stream", name="stdout", text=printed)])
        yield f"terminal_{name}", [cell] * 4
        error = output("error", ename="E", evalue="", traceback=filled(part + "\n", OF_A_CELL // 4).split("\n"))
        yield f"error_{name}", [code("raise E", outputs=[error])] * 4
    for name, part in HTML.items():
        yield f"html_{name}", [with_output("text/html", filled(part, OF_A_CELL))] * 4
        outputs = [shown("text/html", filled(part, 1_000))] * 1_000  # a shorter one counts as much
        yield f"much_html_{name}", [code("show()", outputs=outputs)] * 4
        yield f"raw_{name}", [text("raw", filled(part, LONG))] * (TEXT // LONG)
    for kind in ("text/latex", "text/markdown", "text/plain", "application/json"):
        for name, part in {"space": " ", "lines": "\n", "dollars": "$", "entities": "&"}.items():
            cells = [with_output(kind, filled(part, OF_A_CELL))] * 4
            yield f"{kind}_{name}".replace("/", "_"), cells
    for kind in ("image/png", "image/svg+xml"):
        yield kind.replace("/", "_"), [with_output(kind, picture(1_000_000))] * 4
    for most in (1_000_000, 8_000):
        name = {"p.png": {"image/png": picture(most)}}
        once = text("markdown", "![p](attachment:p.png)", attachments=name)
        often = text("markdown", "![p](attachment:p.png)\n" * (1_300_000 // most), attachments=name)
        yield f"attached_{most}", [once] * (PICTURES // most)
        yield f"attached_often_{most}", [often] * (PICTURES // most)
    empty = [shown("text/plain", "")] * 1_000
    yield "outputs", [code("1", outputs=empty)] * 4
    yield "cells", [code("1")] * CELLS
