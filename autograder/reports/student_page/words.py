"""The words of the page, in English and Japanese. What graders, instructors and students wrote stays as it is."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from autograder.grading.causes import language

FOLDER = Path(__file__).with_name("template")


def words() -> Mapping[str, str]:
    """The words in the course's language, by their key."""
    return _words(language())


@functools.cache
def _words(chosen: str) -> Mapping[str, str]:
    return MappingProxyType(tomllib.loads((FOLDER / f"words.{chosen}.toml").read_text(encoding="utf-8")))
