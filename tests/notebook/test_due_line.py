"""Is the line about the due date put below the title, and is a text without it what it was?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.notebook.due_line import due_line, with_due_line, without_due_line
from autograder.notebook.rebuild import rebuild
from tests.support.builders import KEPT, graded, locked, notebook, saved_by_a_tool, solution, text

LINE = "**Due: 2026-12-01 22:59 UTC.** Lateness costs no points."


@pytest.mark.parametrize("source", ["# Title\n\nText\nmore", "# Title", "Text", "", "# Title\nText", "## a\n", "#no\n"])
def test_it_is_taken_out_as_it_was_put_in(source: str) -> None:
    written = with_due_line(source, LINE)
    assert due_line(written) == LINE
    assert without_due_line(written) == source
    assert without_due_line(source) == source


@given(st.text("# \nab<!->", max_size=30), st.text("ab \n", max_size=10))
def test_whatever_the_text_is(source: str, line: str) -> None:
    written = with_due_line(source, line)
    assert due_line(written) == " ".join(line.split())
    assert without_due_line(written) == source


def test_a_later_line_replaces_the_earlier() -> None:
    twice = with_due_line(with_due_line("# Title\n\nText", "earlier"), LINE)
    assert twice == with_due_line("# Title\n\nText", LINE)


def test_it_stands_below_the_title() -> None:
    assert with_due_line("# Title\n\nText", LINE).split("\n")[:5] == ["# Title", "", "<!-- due date -->", "", LINE]


@pytest.mark.parametrize("before", ["", "another line"])
@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("header", [text("# Two\n\nText", "title"), locked("title", "# Two")])
def test_a_date_that_was_moved_changes_nothing_in_a_submission(header, kept: str, before: str) -> None:
    """Is the cell found, nothing reported, and the date of today in the notebook?"""

    def made(line: str) -> NotebookNode:
        first = header.copy() | {"source": with_due_line(header.source, line) if line else header.source}
        return notebook(type(header)(first), solution("solve_double"), graded("double", 2))

    base, mine = made(LINE), saved_by_a_tool(made(before), kept, 0)
    rebuilt, changes = rebuild(mine, base)
    if "metadata" not in kept or header.cell_type == "markdown":
        assert changes == []
    assert [cell.source for cell in rebuilt.cells][1:] == [cell.source for cell in base.cells][1:]
    assert len(rebuilt.cells) == 3
    assert due_line(rebuilt.cells[0].source) == (LINE if before or header.cell_type == "code" else "")


def test_a_cell_that_only_says_when_it_is_due_is_not_missed() -> None:
    base = notebook(text(with_due_line("", LINE), "due-date"), solution("solve_double"), graded("double", 2))
    rebuilt, changes = rebuild(notebook(*base.cells[1:]), base)
    assert changes == []
    assert due_line(rebuilt.cells[0].source) == LINE
