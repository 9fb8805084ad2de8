"""Formulas as MathML, which a browser shows by itself: a page needs no MathJax, so it runs and loads nothing.

https://www.w3.org/TR/mathml-core/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

MAX_FORMULA = 2_000
"""Characters of one formula; a longer one stays as it was written."""
MAX_FORMULAS = 500
"""Formulas of one text cell; more stay as they were written."""
_TAGS = frozenset(
    ("math", "mrow", "mi", "mn", "mo", "mtext", "ms", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
     "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "none", "mtable", "mtr", "mtd", "mstyle",
     "mphantom", "mpadded", "menclose")
)  # fmt: skip
_ATTRIBUTES = frozenset(
    ("display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "stretchy", "fence", "form", "separator",
     "largeop", "movablelimits", "accent", "accentunder", "linethickness", "columnalign", "rowspacing", "columnspacing",
     "columnlines", "rowlines", "notation", "minsize", "maxsize", "lspace", "rspace")
)  # fmt: skip
_VALUE = re.compile(r"[\w.#%+ -]{1,40}", re.ASCII)

Token = dict[str, object]


def math_tokens(tex: str, *, display: bool) -> list[Token] | None:
    """A formula in LaTeX as tokens for an html5lib serializer; None if it cannot be shown as MathML."""
    if len(tex) > MAX_FORMULA:
        return None
    try:
        element = convert_to_element(tex, display="block" if display else "inline")
        return list(_tokens(element))
    except Exception:  # whatever a formula makes of the library, the formula is shown as it was written
        return None


def _tokens(element: Element) -> Iterator[Token]:
    """An element and what is in it; tags and attributes that are not on the lists lose their meaning."""
    tag = element.tag if element.tag in _TAGS else "mrow"
    kept = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES and _VALUE.fullmatch(value)}
    about = {"namespace": None, "name": tag}
    yield {"type": "StartTag", **about, "data": {(None, name): value for name, value in kept.items()}}
    yield from _text(element.text)
    for child in element:
        yield from _tokens(child)
        yield from _text(child.tail)
    yield {"type": "EndTag", **about, "data": {}}


def _text(text: str | None) -> Iterator[Token]:
    if text:
        yield {"type": "Characters", "data": _unescaped(text)}


def _unescaped(text: str) -> str:
    """The library writes some characters as numeric references, ``&#x0003D;``."""
    return re.sub(r"&#x([0-9A-Fa-f]{1,6});", lambda found: chr(int(found[1], 16)), text)
