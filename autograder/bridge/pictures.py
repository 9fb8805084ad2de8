"""Which pictures a page may show: a few kilobytes can stand for gigabytes, or for minutes of a browser's work.

A picture of 20,000 times 20,000 pixels, 65 kB as a file, took 2 GB in Chromium. A drawing of 2 kB whose groups use each
other ten times, nine levels deep, never ended. What is too much is not shown; a page shows the next best form.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image

MAX_PIXELS = 40_000_000
"""Pixels of one picture: a page of A4 at 600 dpi has 35 million."""
MAX_DRAWING = 600_000
"""Characters of one drawing in SVG."""
MAX_STEPS = 30_000
"""Elements of a drawing, each counted as often as it is used; long ones count more."""
_STEP, _LONG = 100, 1_000
"""Characters of an element's attributes that count as one more. A line that crosses itself takes a browser quadratic
time: so many characters squared count as one, too."""
_DEAR = {"stroke-dasharray": 500, "opacity": 1_000, "clip-path": 20}
"""What else counts as so many more; opacity does only where it is a group's, which is drawn apart."""
_PAINT = 10
"""What a gradient counts where it is used, which is computed for every pixel."""
_GROUPS = frozenset(("svg", "g", "use", "symbol", "text", "a"))
_FORMATS = ("PNG", "JPEG", "GIF")
_TAGS = frozenset(
    ("svg", "g", "defs", "use", "symbol", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
     "tspan", "title", "desc", "metadata", "style", "clipPath", "linearGradient", "radialGradient", "stop", "image",
     "a")
)  # fmt: skip
"""What plots and graphs are made of; filters, patterns, masks, markers and animations are not."""
_ACTS = re.compile(r"@|\\|/\*|filter|mask|animation|transition|blend|pattern", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:^|;)\s*([\w-]+)\s*:")
_PLACE = re.compile(r"url\(\s*['\"]?#([^'\")]*)")
_IN_STYLE = re.compile(r"url|dasharray|opacity|clip", re.IGNORECASE)
_DATA = re.compile(r"\s*data:image/(?:png|jpeg);base64,", re.IGNORECASE)


def can_be_shown(kind: str, text: str) -> bool:
    """Whether a picture of an output, as its text, costs a browser little."""
    return drawn_quickly(text) if kind == "image/svg+xml" else few_pixels(text)


def few_pixels(text: str) -> bool:
    """Whether a picture in base64 has at most :data:`MAX_PIXELS`; not if it cannot be read."""
    try:
        return few_pixels_in(io.BytesIO(base64.b64decode(text)))
    except (binascii.Error, ValueError):
        return False


def few_pixels_in(file: str | io.BytesIO) -> bool:
    """The same for a file: its beginning is read, and no pixel of it."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=_FORMATS) as picture:
            return picture.width * picture.height <= MAX_PIXELS
    except Exception:  # whatever a picture makes of the library, it is not shown
        return False


def drawn_quickly(svg: str) -> bool:
    """Whether a drawing in SVG holds only what takes a browser time in proportion to its length."""
    if len(svg) > MAX_DRAWING:
        return False
    try:
        root = fromstring(svg)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return False
    elements = [one for one in root.iter() if not _tag(one).startswith("{")]
    ids: dict[str, Element] = {}
    for one in elements:
        ids.setdefault(one.get("id", ""), one)
    return all(map(_may_stay, elements)) and _steps(root, ids) <= MAX_STEPS


def _tag(element: Element) -> str:
    """The name of an element of SVG's; another one's name with its namespace."""
    return str(element.tag).removeprefix("{http://www.w3.org/2000/svg}")


def _may_stay(element: Element) -> bool:
    styles = [element.get("style", ""), (element.text or "") if _tag(element) == "style" else ""]
    if _tag(element) not in _TAGS or any(map(_ACTS.search, styles)):
        return False
    if _tag(element) == "style" and (len(element) or _IN_STYLE.search(element.text or "")):
        return False
    if _tag(element) != "image":
        return True
    found = [value for name, value in element.attrib.items() if name.rpartition("}")[2] == "href"]
    return all((begins := _DATA.match(value)) and few_pixels(value[begins.end() :]) for value in found)


def _steps(root: Element, ids: dict[str, Element]) -> float:
    """What is drawn, counted as often as it is used; infinite if something uses itself."""
    counted: dict[Element, float] = {}
    begun: set[Element] = set()
    waiting = [root]
    while waiting:
        one = waiting[-1]
        if one in counted:
            waiting.pop()
            continue
        needed = [*one, *(ids[name] for name in _used(one) if name in ids)]
        left = [other for other in needed if other not in counted]
        if one in begun and left:
            return float("inf")
        if left:
            begun.add(one)
            waiting += left
            continue
        counted[waiting.pop()] = _own(one) + sum(counted[other] for other in needed)
    return counted[root]


def _own(element: Element) -> float:
    """What an element counts, without what is in it."""
    length = sum(map(len, element.attrib.values())) if _tag(element) != "image" else 0
    names = set(element.attrib) | set(_PROPERTY.findall(element.get("style", "")))
    if _tag(element) not in _GROUPS:
        names.discard("opacity")
    painted = sum(map(len, map(_PLACE.findall, element.attrib.values())))
    return 1 + length / _STEP + (length / _LONG) ** 2 + _PAINT * painted + sum(_DEAR.get(name, 0) for name in names)


def _used(element: Element) -> list[str]:
    found = [name for value in element.attrib.values() for name in _PLACE.findall(value)]
    if _tag(element) != "a":
        hrefs = (value.strip() for name, value in element.attrib.items() if name.rpartition("}")[2] == "href")
        found += [value[1:] for value in hrefs if value.startswith("#")]
    return found
