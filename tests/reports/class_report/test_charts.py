"""Is a picture only geometry, with the right heights, and nothing that acts or styles?"""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import pytest

from autograder.reports.class_report.charts import histogram, lines, sparkline

EVIL = '"><script>alert(1)</script>'


def elements(picture: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(tag))


@pytest.mark.parametrize("picture", [
    histogram([EVIL, "b"], [1, 2], EVIL, EVIL, EVIL), sparkline((0.0, 0.5, 1.0), EVIL),
    lines([EVIL, "b"], [[0.1, 0.2]], EVIL, EVIL),
])  # fmt: skip
def test_a_picture_has_no_script_no_style_and_a_name(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    assert {element.tag for element in root.iter()} <= {"svg", "g", "rect", "path", "circle", "text"}
    assert not [name for element in root.iter() for name in element.attrib if name in ("style", "id", "href", "onload")]
    assert (root.get("role"), root.get("aria-label")) == ("img", EVIL)


def test_bars_are_as_high_as_their_counts() -> None:
    picture = histogram(["a", "b", "c"], [4, None, 2], "x", "y", "n")
    bars = [float(bar.get("height", "0")) for bar in elements(picture, "rect") if bar.get("class") != "background"]
    heights = [height for height in bars if height]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(2 * heights[1])


def test_a_missing_share_interrupts_the_line() -> None:
    """Two lines, and a line only between the two."""
    assert len(elements(sparkline((0.0, 0.5, None, 1.0, 1.0), "n"), "path")) == 2
    assert len(elements(sparkline((0.0, 0.5, 0.5, 1.0, 1.0), "n"), "path")) == 1


def test_pygal_leaves_the_import_path_as_it_was() -> None:
    assert not [finder for finder in sys.meta_path if not hasattr(finder, "find_spec")]
