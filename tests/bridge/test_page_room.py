"""Is a page's room dealt out fairly, and never more of it than there is?"""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.bridge.bounded_parser import TooMuch
from autograder.bridge.markup import Clean, clean_markup
from autograder.bridge.page_room import COMMENTS, MAX_MARKS, NOTE, Part, Room, cut, level, size

TEXTS = st.text(alphabet=st.sampled_from("a&<>\"'あ😀\n"), max_size=200)


@given(TEXTS, st.integers(-5, 400))
def test_a_text_is_cut_between_characters(text: str, most: int) -> None:
    html, missing = cut(text, most)
    assert len(html.encode()) <= max(most, 0)
    assert unescape(html) == text[: len(text) - missing]
    if len(text.encode()) * 5 <= most:
        assert missing == 0


@given(st.lists(st.integers(0, 1_000)), st.integers(0, 20_000))
def test_what_is_short_is_promised_whole(sizes: list[int], total: int) -> None:
    share = level(sizes, total)
    assert sum(min(one, share) for one in sizes) <= total
    if sum(sizes) > total:
        assert sum(min(one, share + 1) for one in sizes) > total
    else:
        assert share == max(sizes, default=0)


@given(st.lists(TEXTS, max_size=20), st.integers(COMMENTS + 20 * NOTE, COMMENTS + 20 * NOTE + 5_000), st.booleans())
def test_all_that_is_shown_fits(texts: list[str], left: int, rich: bool) -> None:
    room = Room(left)
    parts = [Part(text) for text in texts]
    room.promise(parts)
    shown = [
        room.show(part, lambda text: f"<b>{cut(text, 10_000)[0] * 3}</b>" * rich, lambda text, most: cut(text, most)[0])
        for part in parts
    ]
    assert sum(map(size, shown)) <= left - COMMENTS
    assert room.promised == 0


def test_a_comment_takes_the_room_that_is_kept_for_it() -> None:
    room = Room(COMMENTS)
    room.promise([Part("x" * 1_000)])
    assert "yy" in room.show("y" * 1_000, lambda text: text, lambda text, most: cut(text, most)[0])
    assert room.comments == COMMENTS - 1_000


def test_what_a_library_raises_is_a_plain_text() -> None:
    def fails(text: str) -> str:
        raise RecursionError

    assert Room().show(Part("x"), fails, lambda text, most: "plain") == "plain"


@pytest.mark.parametrize("html", ['<b title="<<>>">x</b>', '<img src="a.png">', "a<br>b", "&lt;&gt;", "<p>あ</p>"])
def test_clean_html_is_as_large_as_it_becomes(html: str) -> None:
    """nbconvert parses the page with BeautifulSoup and writes it again."""
    bs4 = pytest.importorskip("bs4")
    clean = clean_markup(html)
    soup = bs4.BeautifulSoup(clean, features="html.parser")
    for picture in soup.select("img:not([alt])"):
        picture.attrs["alt"] = "No description has been provided for this image"
    assert len(str(soup).encode()) <= size(clean)


def test_work_is_bounded_for_a_part_and_for_a_page() -> None:
    room = Room()
    with pytest.raises(TooMuch):
        room.work("markdown", 20_001)
    for _ in range(5):
        room.work("markdown", 20_000)
    with pytest.raises(TooMuch):
        room.work("markdown", 1)


def test_tags_are_counted_for_a_page() -> None:
    room = Room()
    for _ in range(MAX_MARKS // 5_000):
        assert isinstance(room.parsed("<b>" * 5_000), str)
    with pytest.raises(TooMuch):
        room.parsed("<b>")
    assert room.parsed("x") == "x"
    assert isinstance(room.show(Clean("x"), str, lambda text, most: text), Clean)
