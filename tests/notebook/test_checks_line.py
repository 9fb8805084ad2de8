"""Is the line that hidden tests remain put at the end, and is a check without it what it was?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebook.checks_line import LINES, with_checks_line, without_checks_line
from autograder.notebook.rebuild import rebuild
from tests.support.builders import KEPT, graded, notebook, saved_by_a_tool, solution

CHECK = "assert double(2) == 4"


@given(st.text("# \na", max_size=20), st.sampled_from(sorted(LINES)))
def test_it_is_taken_out_as_it_was_put_in(source: str, language: str) -> None:
    written = with_checks_line(source, language)
    assert written.split("\n")[-1] == LINES[language]
    assert without_checks_line(written) == source
    assert without_checks_line(source) == source
    assert with_checks_line(written, "en") == with_checks_line(source, "en")


def test_a_language_without_words_has_the_english_ones() -> None:
    assert with_checks_line(CHECK, "de") == f"{CHECK}\n\n{LINES['en']}"


@pytest.mark.parametrize("kept", KEPT)
def test_a_notebook_that_was_fetched_before_there_was_a_line_is_not_edited(kept: str) -> None:
    """Is the check found, and nothing reported?"""
    base = notebook(solution("solve_double"), graded("double", 2, with_checks_line(CHECK, "en")))
    mine = saved_by_a_tool(notebook(solution("solve_double"), graded("double", 2, CHECK)), kept, 1)
    rebuilt, changes = rebuild(mine, base)
    assert [change for change in changes if "edited" in change or "missing" in change] == []
    assert [cell.source for cell in rebuilt.cells] == [cell.source for cell in base.cells]
