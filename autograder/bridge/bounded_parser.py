"""A parser of HTML whose work is bounded by the size of what it reads.

The rules of HTML let a short text become a large document: every formatting element that a paragraph leaves open is
made again in the next one, with its attributes (https://html.spec.whatwg.org/multipage/parsing.html, "reconstruct the
active formatting elements"). 28 kB became 32 MB. Here each element that the parser makes takes from a number that the
length of the text gives, and elements are nested to a bounded depth. Names and values that html5lib appends to one
character at a time are short.
"""

from __future__ import annotations

import re
from typing import Any

from bleach._vendor.html5lib.treebuilders import getTreeBuilder
from bleach.html5lib_shim import BleachHTMLParser

MAX_CHARACTERS = 1_500_000
"""Characters of one piece of HTML; most of it may be pictures."""
MAX_MARKS = 10_000
"""Tags and entities of one piece of HTML: a table as pandas shows it has at most some 3,000."""
MAX_DEPTH = 100
"""How many elements may be open at the same time."""
MAX_ATTRIBUTES = 50
MAX_NAME = 100
MAX_UNQUOTED = 4_000
"""Characters of an attribute's value that has no quotes around it."""
_ELEMENT = 4
_COMMENT = re.compile(r"<!--(?:.*?-->|.*)", re.DOTALL)


class TooMuch(Exception):
    """The text is too large, too deep or too intricate to be shown as markup; it is shown as plain text."""


def marks(html: str) -> int:
    """How often the parser stops in a text, besides names and spaces."""
    return html.count("<") + html.count("&") + html.count("\0")


def allowed(html: str) -> int:
    """What the elements made of a text may take together: linear in its length."""
    return 4 * len(html) + 1_000


def before_parsing(html: str) -> str:
    """The text without comments and declarations.

    Raises
    ------
    TooMuch
        when it is too long, or has too many tags.
    """
    if len(html) > MAX_CHARACTERS or marks(html) > MAX_MARKS:
        raise TooMuch
    return _COMMENT.sub("", html).replace("<!", "&lt;!")


class _Tree(getTreeBuilder("etree")):  # type: ignore[misc]
    """Takes from what is left for each element, whoever asks for it."""

    left = 0
    deepest = 0

    def insertElementNormal(self, token: dict[str, Any]) -> Any:
        attributes = token["data"] or {}
        self._take(_ELEMENT + sum(len(str(name)) + len(str(value)) for name, value in attributes.items()))
        return super().insertElementNormal(token)

    def createElement(self, token: dict[str, Any]) -> Any:
        self._take(_ELEMENT)
        return super().createElement(token)

    def _take(self, cost: int) -> None:
        self.left -= cost
        self.deepest = max(self.deepest, len(self.openElements))
        if self.left < 0 or self.deepest > MAX_DEPTH:
            raise TooMuch


class BoundedParser(BleachHTMLParser):
    """bleach's parser with bounds.

    Raises
    ------
    TooMuch
        while it parses, as soon as a bound is passed.
    """

    def __init__(self, tags: frozenset[str]) -> None:
        super().__init__(tags=tags, strip=False, consume_entities=False, namespaceHTMLElements=False, tree=_Tree)

    def parseFragment(self, text: str, *args: Any, **settings: Any) -> Any:
        """The document of a text."""
        text = before_parsing(text)
        self.tree.left, self.tree.deepest = allowed(text), 0
        return super().parseFragment(text, *args, **settings)

    def reset(self) -> None:
        """Begin, with checks in the tokenizer where it appends one character at a time."""
        super().reset()
        tokenizer = self.tokenizer
        for state in ("tagNameState", "attributeNameState", "attributeValueUnQuotedState"):
            setattr(tokenizer, state, _checked(tokenizer, getattr(tokenizer, state)))


def _checked(tokenizer: Any, state: Any) -> Any:
    def checked() -> Any:
        token = tokenizer.currentToken
        attributes = token["data"]
        if len(token["name"]) > MAX_NAME or len(attributes) > MAX_ATTRIBUTES:
            raise TooMuch
        if attributes and (len(attributes[-1][0]) > MAX_NAME or _long_value(attributes[-1][1], state)):
            raise TooMuch
        return state()

    return checked


def _long_value(value: str, state: Any) -> bool:
    return state.__name__ == "attributeValueUnQuotedState" and len(value) > MAX_UNQUOTED
