"""One notebook in two languages: the release keeps one."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

PREFIX = "lang-"
ANSWER_HERE = {"en": "YOUR ANSWER HERE", "ja": "ここに答えを書いてください。"}
"""The text in the cell of a written answer until the student replaces it."""
_WIDE = "[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_LETTER = "[\u3041-\u30ff\u3400-\u9fff]"
_BREAK = re.compile(rf"(?:(?<={_WIDE})|(?<={_LETTER})(\*\*))\n {{0,3}}(?:(?={_WIDE})|(\*\*)(?={_LETTER}))")
"""A line break, and the list indentation after it, between two Japanese characters.

Bold may end before the break or begin after it, if the bold text ends or begins with a letter. Next to punctuation,
the asterisks would no longer mark bold once the break is gone.
"""
_CODE = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)


class KeepLanguage(NbGraderPreprocessor):
    """Keeps text cells in the release's language and those without a language; removes the language tags."""

    language = Unicode("en", help="The language of the release, as in the tag lang-en.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Drop the text cells in other languages, and join Japanese lines in the rest."""
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
    """The languages of a text cell, from its tags; empty for code, which belongs to every language."""
    if cell.cell_type != "markdown":
        return set()
    return {tag.removeprefix(PREFIX) for tag in cell.metadata.get("tags", []) if tag.startswith(PREFIX)}


def without_breaks(markdown: str) -> str:
    """Markdown without line breaks inside Japanese sentences, because a browser would show each as a space.

    Fenced code is left alone.
    """
    parts = _CODE.split(markdown)
    parts[::2] = [_BREAK.sub(r"\1\2", part) for part in parts[::2]]
    return "".join(parts)


def untag(cell: NotebookNode, prefix: str) -> None:
    """Remove a cell's tags that start with `prefix`."""
    if "tags" in cell.metadata:
        cell.metadata.tags = [tag for tag in cell.metadata.tags if not tag.startswith(prefix)]
        if not cell.metadata.tags:
            del cell.metadata["tags"]
