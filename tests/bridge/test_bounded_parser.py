"""Does the work on a student's markup grow at most linearly, and is what is too much shown as plain text?"""

from __future__ import annotations

import pytest
from bleach.sanitizer import Cleaner

from autograder.bridge.bounded_parser import MAX_DEPTH, BoundedParser, TooMuch, allowed, before_parsing
from autograder.bridge.markup import TAGS, clean_markup
from autograder.bridge.pages import MAX_PLAIN, clean_html, markdown


def left_open(size: int) -> str:
    """Formatting that each of many paragraphs leaves open."""
    names = "".join(f"<b title={number}>" for number in range(size // 26))
    return f"<p>{names}" + "<p>x" * (size // 8)


def test_what_is_left_open_cost_a_page_of_megabytes() -> None:
    """The twin: bleach's own parser makes of 3 kB about a megabyte."""
    assert len(Cleaner(tags=TAGS, attributes=["title"]).clean(left_open(3_500))) > 500_000


@pytest.mark.parametrize("size", [3_500, 28_000])
def test_what_is_left_open_is_plain_text(size: int) -> None:
    for html in (markdown({}, left_open(size)), clean_html({}, left_open(size))):
        assert "shown as plain text" in html
        assert "<b " not in html
        assert len(html) < 6 * MAX_PLAIN


@pytest.mark.parametrize(
    "html",
    [
        "<span>" * 500,
        "<a " + "x y " * 500,
        "<a " + "1" * 5_000,
        "<a b=" + "=x" * 5_000,
        "<b>" * 20_000,
        "x" * 2_000_000,
    ],
)
def test_too_much_is_refused(html: str) -> None:
    with pytest.raises(TooMuch):
        clean_markup(html)


@pytest.mark.parametrize("repeats", [10, 100, 1_000])
@pytest.mark.parametrize("part", ["<p>a", "<table><tr><td>x</td></tr></table>", "<b title=x>y</b>", "<ul><li>a</ul>"])
def test_elements_take_at_most_what_the_length_allows(part: str, repeats: int) -> None:
    parser = BoundedParser(TAGS)
    parser.parseFragment(part * repeats)
    assert 0 <= parser.tree.left < allowed(part * repeats)
    assert parser.tree.deepest <= MAX_DEPTH


def test_comments_and_declarations_are_not_parsed() -> None:
    assert before_parsing("a<!-- <b> -->c<!DOCTYPE x><!-- d") == "a" + "c&lt;!DOCTYPE x>"


def test_a_picture_that_is_not_there_does_not_stop_the_page() -> None:
    assert "attachment:p.png" in markdown({}, "![p](attachment:p.png)")


def test_a_picture_shown_very_often_is_plain_text() -> None:
    cell = {"attachments": {"p": {"image/png": "A" * 100_000}}}
    assert "shown as plain text" in markdown({"cell": cell}, "![p](attachment:p)" * 100)
