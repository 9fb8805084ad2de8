"""Messages of tests without what varies from student to student: numbers, addresses, names of the student's own.

Two students who made the same mistake rarely read the same text. What is left here is equal for both, so that messages
can be counted.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from autograder.grading.shown import REST
from autograder.text import clean

VARIES = "…"
MOST = 400
"""The most characters of a message that are compared."""
_ARRAY = re.compile(r"\b(array|tensor|Tensor|Variable)\([^()]{0,200}(?:\([^()]{0,80}\)[^()]{0,80}){0,4}\)?")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)|(?<!\w)[-+]?(?:nan|inf)\b")
_LIST = re.compile(rf"[\[(]?{VARIES}(?:[\s,;:\[\]()]{{1,4}}{VARIES})+[\])]*")
_QUOTED = re.compile(r"'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"|`([^`\n]{1,80})`")
_NAME = re.compile(r"[^\W\d]\w*")
_CALL = re.compile(r"\b([^\W\d]\w*)(?=\()")
_CODE_LIKE = re.compile(r"\b(?:[^\W\d][^\W_]*_\w*|[^\W\d_]*[a-z][A-Z]\w*)\b")
_OF_LIBRARIES = ("array", "ndarray", "tensor", "Tensor", "Variable", "dtype", "shape", "numpy", "np", "IPython")
_ALWAYS_KNOWN = frozenset((*dir(builtins), *keyword.kwlist, *_OF_LIBRARIES))


def head(message: str) -> str:
    """What happened: a message without the transcript, the place and the hint, at most :data:`MOST` characters."""
    return clean(REST.split(f"\n{message}", maxsplit=1)[0].strip(), MOST)


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """The names that occur in the instructor's texts; they are the same for every student, and stay in messages."""
    return frozenset(name for text in texts for name in _NAME.findall(text)) | _ALWAYS_KNOWN


def normaliser(known: frozenset[str]) -> Callable[[str], str]:
    """A function that takes out of a message what varies; names in ``known`` stay."""

    def own(match: re.Match[str]) -> str:
        return match[0] if match[0] in known else VARIES

    def quoted(match: re.Match[str]) -> str:
        mark, inside = match[0][0], next(part for part in match.groups() if part is not None)
        names = _NAME.findall(inside)
        return match[0] if names and known.issuperset(names) else f"{mark}{VARIES}{mark}"

    @lru_cache(maxsize=20_000)
    def normalised(message: str) -> str:
        text = _ADDRESS.sub(VARIES, _ARRAY.sub(rf"\1({VARIES})", head(message)))
        text = _CODE_LIKE.sub(own, _CALL.sub(own, _QUOTED.sub(quoted, text)))
        return _LIST.sub(VARIES, " ".join(_NUMBER.sub(VARIES, text).split()))

    return normalised
