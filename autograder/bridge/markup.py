"""HTML that somebody else wrote, as markup that only shows: nothing runs, loads, covers the page or takes its names.

bleach keeps tags and attributes by allowlists. What is left could still take a class of the page's own ("modal"), the
id of one of its fields, or a link to another place. So classes are those of highlighted code and tables, ids get a
prefix, and styles have no large or negative sizes. Last, all of it is put into a box that the browser clips to its own
area.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter
from bleach.sanitizer import ALLOWED_TAGS, Cleaner
from pygments.token import STANDARD_TYPES

from autograder.bridge.bounded_parser import BoundedParser
from autograder.bridge.formulas import math_tokens
from autograder.bridge.pictures import few_pixels

TAGS = frozenset(ALLOWED_TAGS) | {
    "p", "div", "span", "br", "hr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "img", "table", "thead", "tbody",
    "tfoot", "tr", "th", "td", "caption", "dl", "dt", "dd", "del", "ins", "s", "sub", "sup", "kbd", "samp", "var",
    "small", "mark", "details", "summary", "figure", "figcaption",
}  # fmt: skip
STYLES = (
    "margin", "padding", "background-color", "color", "border", "border-left", "text-align",
    "vertical-align", "white-space", "list-style-type", "padding-left", "font-weight", "font-style", "width", "height",
)  # fmt: skip
PREFIX = "student-"
"""Before every id in somebody else's markup, so that none is the id of a field of the page."""
_CLASSES = {name for name in STANDARD_TYPES.values() if name} | {
    "highlight", "hll", "linenos", "hl-ipython3", "hl-python", "dataframe", "anchor-link",
    "autograder-feedback", "tex2jax_ignore", "mathjax_ignore",
}  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_EVERYWHERE = ("class", "id", "style", "title", "colspan", "rowspan", "scope", "start", "open", "alt")
_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;")
_OUTSIZED = re.compile(r"-\s*[\d.]|\d{4,}|e\+?\d|\d\s*v[wh]|calc|var\(|url\(|\\", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[\\\"'{}<]|/\*")
_ELSEWHERE = re.compile(r"\s*(?:https?:|mailto:)", re.IGNORECASE)
_BESIDE = re.compile(r"[\w][\w .-]*(?:/[\w][\w .-]*)*")
_BOX = "contain:content;overflow:auto"


class Clean(str):
    """HTML that has been cleaned: cleaning it again changes nothing."""

    __slots__ = ()


def clean_markup(
    html: str,
    *,
    links: bool = True,
    formulas: Mapping[str, tuple[str, bool]] | None = None,
    headings: Callable[[int], int] | None = None,
) -> Clean:
    """Somebody else's HTML as markup that only shows, in a box of its own; what is not allowed is shown as text.

    Parameters
    ----------
    links
        whether links to other places can be followed; if not, their address is shown
    formulas
        formulas in LaTeX, and whether they are displayed, by the text that stands for them in ``html``
    headings
        which level of heading, from 1 to 6, one of this level becomes; each keeps its own if nothing is given

    Raises
    ------
    TooMuch
        when it is too large, too deep or too intricate to be parsed.
    """
    cleaner = Cleaner(
        tags=TAGS,
        attributes=_may_stay,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES),
        filters=[lambda source: _OnlyShows(source, links, formulas or {}, headings)],
    )
    cleaner.parser = BoundedParser(TAGS)
    cleaner.serializer.escape_lt_in_attrs = True  # so that each "<" begins a tag, and tags can be counted
    # after "<br>", and not after "<br/>", BeautifulSoup looks for it at the end of every element to come
    cleaner.serializer.use_trailing_solidus, cleaner.serializer.space_before_trailing_solidus = True, False
    cleaned = cleaner.clean(html)
    return Clean(f'<div style="{_BOX}">{cleaned}</div>' if "<" in cleaned else cleaned)


def _may_stay(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and (_is_small_picture(value) or _BESIDE.fullmatch(value) is not None)
    if name == "href":
        return tag == "a"
    if name == "align":
        return tag in ("p", "div", "tr", "th", "td")  # a picture or table with it would float
    return name in _EVERYWHERE or (tag == "img" and name in ("width", "height"))


def _is_small_picture(value: str) -> bool:
    return value.startswith(_PICTURES) and few_pixels(unquote(value.partition(",")[2]))


class _OnlyShows(Filter):
    """Limits classes, ids, styles and links, and puts formulas where they belong; runs after the allowlists."""

    def __init__(
        self,
        source: Any,
        links: bool,
        formulas: Mapping[str, tuple[str, bool]],
        headings: Callable[[int], int] | None,
    ) -> None:
        super().__init__(source)
        self._headings, self._levels = headings, list[str]()
        self._links, self._formulas = links, formulas
        self._places = re.compile("|".join(map(re.escape, formulas)) or r"(?!)")
        self._shown: list[str] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            kind = token["type"]
            if self._headings and kind in ("StartTag", "EndTag") and token["name"] in _HEADINGS:
                if kind == "StartTag":
                    self._levels.append(f"h{self._headings(int(token['name'][1]))}")
                token["name"] = self._levels[-1] if kind == "StartTag" else self._levels.pop()
            if kind in ("StartTag", "EmptyTag"):
                token["data"] = {key: value for key, value in self._attributes(token) if value}
                if token["name"] == "a":
                    self._shown.append(self._address(token["data"]))
                yield token
            elif kind == "Characters":
                yield from self._characters(token["data"])
            elif kind == "EndTag" and token["name"] == "a" and self._shown:
                if address := self._shown.pop():
                    yield {"type": "Characters", "data": f" ({address})"}
                yield token
            else:
                yield token

    def _attributes(self, token: dict[str, Any]) -> Iterator[tuple[Any, str]]:
        for key, value in token["data"].items():
            name = key[1]
            if name == "class":
                yield key, " ".join(one for one in value.split() if one in _CLASSES)
            elif name == "id":
                yield key, PREFIX + self._plain(value)
            elif name == "style":
                yield key, _style(value)
            elif name == "href":
                yield key, f"#{PREFIX}{self._plain(value[1:])}" if value.startswith("#") else value
            else:
                yield key, self._plain(value)

    def _address(self, data: dict[Any, str]) -> str:
        """Limit where a link leads; the address that is shown because the link cannot be followed, or nothing."""
        href = data.pop((None, "href"), "")
        if _ELSEWHERE.match(href) and not self._links:
            return self._plain(href)[:200]
        if _ELSEWHERE.match(href):
            data[None, "rel"], data[None, "target"] = "noopener noreferrer nofollow", "_blank"
        if _ELSEWHERE.match(href) or href.startswith("#") or _BESIDE.fullmatch(href):
            data[None, "href"] = self._plain(href)
        return ""

    def _characters(self, text: str) -> Iterator[dict[str, Any]]:
        """A text with the formulas that it stands for; one that cannot be shown is as it was written."""
        at = 0
        for found in self._places.finditer(text):
            tex, display = self._formulas[found[0]]
            tokens = math_tokens(tex, display=display)
            if tokens is None:
                continue
            yield {"type": "Characters", "data": self._plain(text[at : found.start()])}
            yield from tokens
            at = found.end()
        yield {"type": "Characters", "data": self._plain(text[at:])}

    def _plain(self, text: str) -> str:
        """A text, or an attribute, with its formulas as they were written."""
        return self._places.sub(lambda found: written(*self._formulas[found[0]]), text)


def _style(text: str) -> str:
    """The declarations of a style that may stay; nothing of one in which a semicolon may end no declaration.

    What a CSS parser took for one value, such as an escaped semicolon, may be written out as several declarations.
    """
    if _NOT_PLAIN.search(text):
        return ""
    declarations = (part.strip() for part in text.split(";") if not _OUTSIZED.search(part))
    return ";".join(one for one in declarations if one.partition(":")[0].strip().lower() in STYLES)


def written(tex: str, display: bool) -> str:
    """A formula as it is written in a text cell."""
    return f"$${tex}$$" if display else f"${tex}$"
