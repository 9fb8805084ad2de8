"""The words of the pages, in English and Japanese. Names of tests, and what instructors wrote, stay as they are."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "ja")
FOLDER = Path(__file__).with_name("template")


@dataclass(frozen=True)
class Words:
    """A language's words by key, and how the figures are defined, in the order of the page."""

    language: str
    words: Mapping[str, str]
    definitions: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """The words of a key."""
        return self.words[key]


@functools.cache
def words(language: str) -> Words:
    """The words of a language; English if the pages do not exist in it."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    said = tomllib.loads((FOLDER / f"words.{known}.toml").read_text(encoding="utf-8"))
    return Words(known, said["words"], said["definitions"])
