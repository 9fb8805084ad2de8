"""The pictures of a report, as SVG for a page.

pygal computes the geometry. Its styles, scripts and tooltips are taken out: the page's own style sheet colours the
pictures, in light and dark, and the numbers stand in a table beside each.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pygal
from markupsafe import Markup

# pygal puts a finder for its maps on the import path, in a form that Python 3.11 warns of at every later import
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]

_LEFT_OUT = ("defs", "desc", "title")
_OVERLAYS = ("text-overlay", "tooltip-overlay")
_SVG = "{http://www.w3.org/2000/svg}"


def histogram(labels: Sequence[str], counts: Sequence[int | None], x_title: str, y_title: str, name: str) -> Markup:
    """A bar for each count; a withheld one has none. ``name``: what a screen reader says of the picture."""
    chart = _chart(pygal.Bar, 640, 260, x_title=x_title, y_title=y_title, margin=6, min_scale=2, order_min=0)
    chart.x_labels = list(labels)
    chart.add("", list(counts))
    return _svg(chart, name, "histogram")


@functools.lru_cache(maxsize=4_000)
def sparkline(shares: tuple[float | None, ...], name: str) -> Markup:
    """A line through shares from 0 to 1, as high as a line of text."""
    chart = _chart(
        pygal.Line, 110, 28, range=(0, 1), show_dots=True, dots_size=2, margin=4, show_x_labels=False,
        show_y_labels=False, show_x_guides=False, show_y_guides=False,
    )  # fmt: skip
    chart.add("", list(shares))
    return _svg(chart, name, "sparkline")


def lines(labels: Sequence[str], series: Sequence[Sequence[float | None]], y_title: str, name: str) -> Markup:
    """A line for each series over the same labels, from 0 to 1."""
    chart = _chart(
        pygal.Line, 640, 260, range=(0, 1), y_title=y_title, margin=6, y_labels=[0, 0.25, 0.5, 0.75, 1], dots_size=3
    )  # fmt: skip
    chart.value_formatter = lambda share: f"{share:.0%}"
    chart.x_labels = list(labels)
    for values in series:
        chart.add("", list(values))
    return _svg(chart, name, "lines")


def _chart(kind: Any, width: int, height: int, **settings: Any) -> Any:
    return kind(
        width=width, height=height, show_legend=False, js=(), disable_xml_declaration=True, include_x_axis=True,
        no_prefix=True, allow_interruptions=True, **settings,
    )  # fmt: skip


def _svg(chart: Any, name: str, kind: str) -> Markup:
    """The picture without everything that is not geometry, named for screen readers."""
    picture = ElementTree.fromstring(chart.render(is_unicode=True))
    for parent in picture.iter():
        for child in list(parent):
            if child.tag.removeprefix(_SVG) in _LEFT_OUT or child.get("class", "").endswith(_OVERLAYS):
                parent.remove(child)
    for element in picture.iter():
        element.tag = element.tag.removeprefix(_SVG)
        for key in set(element.attrib) - _KEPT:
            del element.attrib[key]
    picture.attrib.pop("id", None)
    picture.set("class", f"chart {kind}")
    picture.set("role", "img")
    picture.set("aria-label", name)
    return Markup(ElementTree.tostring(picture, encoding="unicode", short_empty_elements=True))


_KEPT = {
    "class", "viewBox", "transform", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width",
    "height",
}  # fmt: skip
