"""One notebook in two languages: the release keeps one."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

PREFIX = "lang-"
ANSWER_HERE = {"en": "YOUR ANSWER HERE", "ja": "ここに答えを書いてください。"}
"""What stands in the cell of a written answer until the student writes one."""
_WIDE = "[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_LETTER = "[\u3041-\u30ff\u3400-\u9fff]"
_BREAK = re.compile(rf"(?:(?<={_WIDE})|(?<={_LETTER})(\*\*))\n {{0,3}}(?:(?={_WIDE})|(\*\*)(?={_LETTER}))")
"""A line break, and a list's indentation after it, between two Japanese characters.

Either may be in bold; beside punctuation the asterisks would lose their meaning without the break.
"""
_CODE = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)


class KeepLanguage(NbGraderPreprocessor):
    """Keeps the text cells tagged with the release's language, and those without a language; the tags go."""

    language = Unicode("en", help="The language of the release, as in the tag lang-en.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Drop the text cells of other languages; in those that stay, join Japanese lines."""
        there = {language for cell in nb.cells for language in languages(cell)}
        if there and self.language not in there:
            known = ", ".join(sorted(there))
            raise ValueError(f"no cell is in the language '{self.language}': this notebook has {known}")
        nb.cells = [cell for cell in nb.cells if not languages(cell) or self.language in languages(cell)]
        for cell in nb.cells:
            if languages(cell):
                cell.source = without_breaks(cell.source)
            untag(cell, PREFIX)
        return nb, resources


def languages(cell: NotebookNode) -> set[str]:
    """The languages a text cell is written in; code is written in all of them."""
    if cell.cell_type != "markdown":
        return set()
    return {tag.removeprefix(PREFIX) for tag in cell.metadata.get("tags", []) if tag.startswith(PREFIX)}


def without_breaks(markdown: str) -> str:
    """Markdown without line breaks inside Japanese sentences: a browser shows each as a space, and Japanese has none.

    Code between fences stays as it is.
    """
    parts = _CODE.split(markdown)
    parts[::2] = [_BREAK.sub(r"\1\2", part) for part in parts[::2]]
    return "".join(parts)


def untag(cell: NotebookNode, prefix: str) -> None:
    """Take the tags that start so from a cell."""
    if "tags" in cell.metadata:
        cell.metadata.tags = [tag for tag in cell.metadata.tags if not tag.startswith(prefix)]
        if not cell.metadata.tags:
            del cell.metadata["tags"]
