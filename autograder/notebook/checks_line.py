"""The last line of a public check in a release: hidden tests remain. Where it stands, and a text without it.

A copy that a student fetched earlier may lack the line. So whoever compares a submission with the release compares
the texts without it. It stands at the end: the lines of the check keep their numbers.
"""

from __future__ import annotations

LINES = {
    "en": "# These checks are public. Hidden tests of this task remain.",
    "ja": "# これは公開チェックです。この課題には、ほかに非公開テストがあります。",
}


def with_checks_line(source: str, language: str) -> str:
    """A check with the line at its end."""
    source, line = without_checks_line(source), LINES.get(language, LINES["en"])
    return f"{source}\n\n{line}" if source else line


def without_checks_line(source: str) -> str:
    """A check as it is without the line; unchanged if it has none."""
    kept, _, last = source.rpartition("\n")
    return kept.removesuffix("\n") if last in LINES.values() else source
