"""Due dates and times of submission: read strictly, because lateness costs points.

nbgrader reads a time by guessing. "2026-06-30 23:59 +0200" is 23:55:40 UTC to it (200 seconds, not two hours), although
the formgrader itself writes offsets so; "+02:00", "JST" and "CEST" after a space are UTC; "2016-01-30-15-30-10" in a
file's name, as its own documentation has it, is ten hours later. Here a time is what it says, or it is refused.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import nbgrader.utils
from nbgrader.apps.dbapp import DbAssignmentAddApp, DbAssignmentImportApp

from autograder.errors import BadInput

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(Z|[+-]\d\d:?\d\d|[A-Za-z][\w+/-]{0,49})?", re.ASCII
)
_IN_FILE_NAMES = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)")
"""As learning platforms write a time into the name of a file. To nbgrader the minutes or seconds are a time zone."""
_EXACT = re.compile(r"\s*\d{4}-\d\d-\d\d")
_LIKE = "like '2026-12-01 23:59 Europe/Berlin', '2026-12-01 23:59 +01:00' or '2026-12-01 22:59 UTC'"
_SHORT = re.compile(r"[A-Z]{2,5}")
YEARS = range(1970, 9000)
"""The years that a time may have. Python raises when the first or the last year it knows is put into another zone."""


def exact_time(text: str, course: str = "UTC") -> datetime:
    """The time that a text names, with its zone; its year is one of :data:`YEARS`.

    Parameters
    ----------
    course
        the name of the course's time zone, whose abbreviations ("CEST") are understood

    Raises
    ------
    BadInput
        when it is no time, has no zone, names one that is not known or has several meanings, or does not exist or
        exists twice because the clocks are changed.
    """
    found = _TIME.fullmatch(text.strip())
    try:
        if found is None or found[2] is None:
            raise ValueError
        naive = datetime.fromisoformat(found[1])
        if naive.year not in YEARS:
            raise ValueError
        if found[2] == "Z" or found[2][0] in "+-":
            return datetime.fromisoformat(found[1] + found[2])
    except ValueError:
        zone = " and a time zone" if found and found[2] is None else ""
        raise BadInput(f"'{text[:60]}' is no date with a time{zone}; write it {_LIKE}") from None
    when = naive.replace(tzinfo=_zone(found[2], naive, course))
    if when.utcoffset() != when.replace(fold=1).utcoffset():
        raise BadInput(
            f"'{text[:60]}': the clocks are changed then, so this time does not exist or exists twice; write it with an"
            " offset, like +01:00"
        )
    return when


def _zone(name: str, naive: datetime, course: str) -> tzinfo:
    own = _named(course)
    if own is not None and naive.replace(tzinfo=own).tzname() == name:
        return own
    zone = None if _SHORT.fullmatch(name) and name not in ("UTC", "GMT") else _named(name)
    if zone is None:
        raise BadInput(
            f"'{name}' is no time zone, or has several meanings; write an offset like +09:00 or a name like Asia/Tokyo"
        )
    return zone


@functools.lru_cache
def _named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # "Europe" is a folder of the database
        return None


def in_full(when: datetime) -> str:
    """A time as in "2026-12-01 23:59 Europe/Berlin (CET), 22:59 UTC"."""
    at_utc = when.astimezone(UTC)
    if when.utcoffset() == at_utc.utcoffset():
        return f"{at_utc:%Y-%m-%d %H:%M} UTC"
    zone = f"{when.tzinfo} ({when.tzname()})" if isinstance(when.tzinfo, ZoneInfo) else str(when.tzinfo)
    other_day = "" if at_utc.date() == when.date() else f"{at_utc:%Y-%m-%d} "
    return f"{when:%Y-%m-%d %H:%M} {zone}, {other_day}{at_utc:%H:%M} UTC"


def read_utc(text: str, course: str = "UTC") -> datetime:
    """A time as nbgrader stores it: UTC, without a zone. What names no zone is UTC, as in nbgrader.

    Raises
    ------
    BadInput
        as :func:`exact_time` does, but for a time without a zone.
    """
    text = _IN_FILE_NAMES.sub(r"\1 \2:\3:\4", text.strip())
    found = _TIME.fullmatch(text)
    if found is not None and found[2] is None:
        text = f"{text} UTC"
    return exact_time(text, course).astimezone(UTC).replace(tzinfo=None)


def install(course: str) -> None:
    """Make nbgrader read due dates and times of submission exactly, in a course with this time zone.

    A due date that begins like an exact one and cannot be read is refused. What is written in another way, like "Sun
    Jan 8 2017 4:31 PM", is nbgrader's to guess. The time in the name of a submitted folder is a student's: where that
    cannot be read, nbgrader's own guess stays, so that it stops nobody.
    """
    stock = getattr(nbgrader.utils.parse_utc, "stock", nbgrader.utils.parse_utc)

    def strict(ts: Any) -> Any:
        return read_utc(ts, course) if isinstance(ts, str) and _EXACT.match(ts) else stock(ts)

    def lenient(ts: Any) -> Any:
        try:
            return strict(ts)
        except BadInput:
            pass
        try:
            return stock(ts)
        except OverflowError as error:  # nbgrader knows what to do about a ValueError
            raise ValueError(f"no time: {error}") from None

    for replacement in (strict, lenient):
        replacement.stock = stock  # type: ignore[attr-defined]
    for name, module in list(sys.modules.items()):
        if name.startswith("nbgrader.") and hasattr(module, "parse_utc"):
            module.parse_utc = lenient  # type: ignore[attr-defined]
    nbgrader.utils.parse_utc = strict
    for app in (DbAssignmentAddApp, DbAssignmentImportApp):
        app.start = _or_fail(getattr(app.start, "__wrapped__", app.start))


def _or_fail(start: Callable[[Any], None]) -> Callable[[Any], None]:
    """A command of nbgrader's that ends with one line, as its own errors do, when a due date cannot be read."""

    @functools.wraps(start)
    def started(self: Any) -> None:
        try:
            start(self)
        except BadInput as error:
            self.fail(str(error))

    return started
