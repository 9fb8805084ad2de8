"""How large a page may become, and how much work may go into it, whatever is shown.

A page has one :class:`Room`. Each text of a student's is a :class:`Part`: before the page is made, it is promised
bytes, so that a long text never takes the place of a short one, nor of scores and comments. A part is shown with markup
where that fits beside what has been promised to others. Else it is shown as plain text, and cut at its promise; then
the page says how much was left out.

Highlighting, markdown and HTML are the work of other libraries, some of which take quadratic time. Each gets a bounded
number of characters for each part and for the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from html import escape, unescape

from autograder.bridge.bounded_parser import TooMuch, marks
from autograder.bridge.markup import Clean

PAGE = 5_000_000
"""Bytes of a page, as UTF-8."""
SKELETON = 300_000
"""Bytes of a page without cells, most of them styles, and of the headings of graded cells."""
COMMENTS = 500_000
"""Bytes that are kept for what people who grade have written."""
CELL, OUTPUT = 1_000, 500
"""Bytes of the page's own markup around a cell, and around an output."""
NOTE = 400
"""Bytes of what says that something was left out, with the markup around it."""
MAX_TAGS = 200_000
"""Beginnings and ends of elements on a page: nbconvert parses it once more, and an element takes it a kilobyte."""
MAX_MARKS = 50_000
"""Tags and entities of a page that are parsed."""
WORK = {
    "code": (20_000, 200_000), "terminal": (50_000, 500_000), "markdown": (20_000, 100_000),
    "html": (1_500_000, 10_000_000),
}  # fmt: skip
"""Characters of each kind that are more than escaped: of one part, and of a page."""
LEVEL = 2
"""The level of the page's heading above the notebook."""
_IMAGE = 60
"""Bytes that nbconvert adds to a picture without a description."""
_log = logging.getLogger(__name__)


class Part(str):
    """A text of a student's in a page, and how many bytes of the page it has been promised."""

    promise = 0


def size(html: str) -> int:
    """The most bytes that clean HTML takes in a page, once nbconvert has parsed and written it again."""
    grows = max(0, html.count(">") - html.count("<")) * 3 + html.count("<") + html.count("<img") * _IMAGE
    return len(html.encode("utf-8", "replace")) + grows


def left_out(count: int) -> str:
    """What a reader is told about text that is not there, in English and Japanese."""
    return f"[left out: {count:,} characters / {count:,} 文字を省略しました]"


def cut(text: str, most: int) -> tuple[str, int]:
    """The beginning of a text, escaped, in at most so many bytes; and how many characters are missing. Linear."""
    html = escape(text[: max(most, 0)], quote=False)
    data = html.encode("utf-8", "replace")
    if len(data) > most:
        html = data[: max(most, 0)].decode("utf-8", "ignore")
        entity = html.rfind("&", max(0, len(html) - 5))
        if entity >= 0 and ";" not in html[entity:]:
            html = html[:entity]
    return html, len(text) - len(unescape(html))


def level(sizes: Iterable[int], total: int) -> int:
    """The most that each may take, if those that need less leave the rest to the others."""
    wanted = sorted(sizes)
    for place, one in enumerate(wanted):
        others = len(wanted) - place
        if one * others > total:
            return max(0, total // others)
        total -= one
    return max(wanted, default=0)


class Room:
    """What is left of a page, in bytes and in work."""

    def __init__(self, left: int = PAGE - SKELETON) -> None:
        self.left, self.promised, self.comments = left, 0, COMMENTS
        self._tags, self._marks = MAX_TAGS, MAX_MARKS
        self._heading = LEVEL
        self._work = {kind: page for kind, (_, page) in WORK.items()}

    def heading(self, wanted: int) -> int:
        """The level of a heading in a cell, from 1 to 6: below the page's own, and never two steps down at once."""
        self._heading = min(wanted + LEVEL, self._heading + 1, 6)
        return self._heading

    @property
    def free(self) -> int:
        """Bytes that are neither used nor promised to anybody."""
        return self.left - self.promised - self.comments

    def promise(self, parts: Iterable[Part], most: int | None = None) -> None:
        """Promise each part the bytes of its plain text, or a fair share if there are not enough for all."""
        parts = list(parts)
        wanted = [len(escape(part, quote=False).encode("utf-8", "replace")) + NOTE for part in parts]
        share = level(wanted, self.free if most is None else most)
        for part, one in zip(parts, wanted, strict=True):
            part.promise = min(one, share)
            self.promised += part.promise

    def work(self, kind: str, amount: int) -> None:
        """Take from the work that may still be done for this page.

        Raises
        ------
        TooMuch
            when there is not as much.
        """
        if amount > min(WORK[kind][0], self._work[kind]):
            raise TooMuch
        self._work[kind] -= amount

    def parsed(self, html: str) -> str:
        """HTML that may be parsed.

        Raises
        ------
        TooMuch
            when it may not be.
        """
        self.work("html", len(html))
        self._marks -= marks(html)
        if self._marks < 0:
            self._marks += marks(html)
            raise TooMuch
        return html

    def show(self, text: str, rich: Callable[[str], str], plain: Callable[[str, int], str]) -> Clean:
        """A text as it is put into the page.

        Parameters
        ----------
        rich
            makes markup of the text, or raises TooMuch
        plain
            makes escaped text of it, in at most so many bytes
        """
        if isinstance(text, Part):
            self.promised -= text.promise
            most, free = text.promise, max(text.promise, self.free)
        else:  # a comment, or a line of the platform's
            most = free = max(0, self.free + self.comments)
        html = self._rich(text, rich)
        if html is None or size(html) > free or html.count("<") > self._tags:
            html = Clean(plain(str(text), most))
        self._tags -= html.count("<")
        self.left -= size(html)
        if not isinstance(text, Part):
            self.comments = max(0, self.comments - size(html))
        return html

    def _rich(self, text: str, rich: Callable[[str], str]) -> Clean | None:
        try:
            return Clean(rich(str(text)))
        except TooMuch:
            return None
        except Exception as error:  # whatever a text makes of a library, the page is made
            _log.info("a text of %d characters is shown plainly: %s", len(text), type(error).__name__)
            return None
