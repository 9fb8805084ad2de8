"""What a run of the facts has found, in lines: what changed, what was seen instead, what that touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """One fact and how its test ended."""

    outcome: str  # as pytest says: passed, failed, error, skipped
    test: str
    words: str
    rests: Mapping[str, str]
    sprints: list[str]
    versions: Mapping[str, str]  # those that were imported
    seen: str  # why it failed or was skipped
    program: str = ""
    packages: tuple[str, ...] = ()
    source: str = ""
    environment: str = ""


def report(seen: Iterable[Seen]) -> Iterator[str]:
    """The lines, changed facts first; the last line has the numbers."""
    seen = list(seen)
    changed = [one for one in seen if one.outcome in ("failed", "error")]
    skipped = [one for one in seen if one.outcome == "skipped"]
    for one in changed:
        yield ""
        yield f"CHANGED  {one.test}"
        yield f"  was       {one.words}"
        yield f"  now       {_short(one.seen)}"
        yield f"  versions  {', '.join(f'{name} {version}' for name, version in one.versions.items()) or 'none'}"
        for path, what in one.rests.items():
            yield f"  touches   {path}: {what}"
    for one in skipped:
        yield f"not looked at: {one.test}: {_short(one.seen)}"
    sprints = sorted({sprint for one in changed for sprint in one.sprints})
    yield ""
    if sprints:
        yield f"sprints to audit: {', '.join(sprints)}"
    hold = len(seen) - len(changed) - len(skipped)
    yield f"{len(seen)} facts: {hold} hold, {len(changed)} changed, {len(skipped)} not looked at"


def _short(text: str, most: int = 300) -> str:
    """One line of an exception: the end of it, where a subprocess says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("assert ", "+ ", "where ", "File "))] or lines
    chosen = told[-1] if told and lines[0].startswith("Traceback") else " | ".join(lines[:4])
    return chosen if len(chosen) <= most else chosen[: most - 1] + "…"
