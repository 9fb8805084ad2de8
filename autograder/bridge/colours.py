"""Code in colours, in time that is linear: what makes pygments' rules slow is found first, and such code has none.

The rules for IPython try, at each place, to find a magic command behind all the white space that follows, and a
question mark at the end of the line: 8,000 lines that are empty took nine seconds, twice as many four times as long.
"""

from __future__ import annotations

import re

from nbconvert.filters import Highlight2HTML

from autograder.bridge.bounded_parser import TooMuch

MAX_LINE = 1_000
"""Characters of a line of code that has colours."""
MAX_SPACE = 200
"""Characters of white space, line breaks included, in a row."""
FENCED = frozenset(
    ("python", "python3", "py", "py3", "ipython", "ipython3", "pycon", "bash", "sh", "shell", "console", "json", "yaml",
     "toml", "ini", "diff", "text", "sql")
)  # fmt: skip
"""Languages whose code has colours in a text cell; pygments knows hundreds, and some of their rules never end."""
_SPACE = re.compile(rf"\s{{{MAX_SPACE}}}")
_OTHER = re.compile(r"%%(?:html|javascript|js|latex|perl|ruby|sx|script|bash|!)", re.IGNORECASE)


def can_be_coloured(code: str) -> bool:
    """Whether pygments takes linear time for this code, of bounded length."""
    return max(map(len, code.splitlines()), default=0) <= MAX_LINE and not _SPACE.search(code)


def coloured(code: str, lexer: str) -> str:
    """Code as HTML in colours.

    Raises
    ------
    TooMuch
        when that could take long.
    """
    if not can_be_coloured(code) or _OTHER.search(code):
        raise TooMuch
    return str(Highlight2HTML(pygments_lexer=lexer)(code))
