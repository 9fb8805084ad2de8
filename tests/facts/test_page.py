"""Does the page say what the tests say, and does every fact name what rests on it?"""

from __future__ import annotations

import re

import pytest

from tests.facts.fact import ROOT, Fact
from tests.facts.page import PAGE, all_facts, page, pinned

FACTS = all_facts()
each = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.test)


def test_the_page_is_that_of_the_tests() -> None:
    """Is docs/framework-facts.md as `python -m tests.facts.page` writes it?"""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_there_are_sixty() -> None:
    """Are there as many facts as were asked for, no two with the same words?"""
    assert len({fact.words for fact in FACTS}) == len(FACTS) >= 60


@each
def test_it_names_what_rests_on_it(fact: Fact) -> None:
    """Is there at least one file that rests on it, is each there, and does each say what rests?"""
    assert fact.rests
    for path, what in fact.rests.items():
        assert (ROOT / path).is_file(), path
        assert len(what) > 10


@each
def test_it_says_what_with_which_versions(fact: Fact) -> None:
    """Are there words, a program and packages whose versions are pinned?"""
    assert fact.words.endswith((".", "?"))
    assert re.search(r"\bassert |\braises\(|raise AssertionError", fact.program)
    assert set(fact.packages) <= set(pinned())
