"""Are the lines that are shown those of the cell, with the numbers that Jupyter shows?"""

from __future__ import annotations

from autograder.reports.student_page.source import MAX_LINE, Sources
from tests.support.builders import code, text

CELLS = [text("# A", "a"), code("", "empty"), code("\n\nx = 1\ny = 2\nz = 3\nw = 4", "b"), code("v = 5", "c")]


def test_cells_are_numbered_as_they_run() -> None:
    sources = Sources(CELLS)
    assert [sources.place(number) for number in (0, 1, 2, 3)] == [None, 2, 3, None]


def test_a_line_and_those_around_it() -> None:
    excerpt = Sources(CELLS).excerpt(2, 4)
    assert excerpt is not None
    assert [(line.number, line.text, line.named) for line in excerpt.lines] == [
        (2, "", False), (3, "x = 1", False), (4, "y = 2", True), (5, "z = 3", False), (6, "w = 4", False)
    ]  # fmt: skip
    assert (excerpt.cell, excerpt.place) == (1, 2)


def test_ipython_does_not_count_the_empty_lines_before_the_first() -> None:
    excerpt = Sources(CELLS).excerpt(2, 2, counted=True)
    assert excerpt is not None
    assert [line.text for line in excerpt.lines if line.named] == ["y = 2"]


def test_a_line_that_is_not_there() -> None:
    sources = Sources(CELLS)
    assert [sources.excerpt(place, line) for place, line in ((None, 1), (2, 0), (2, 7))] == [None] * 3


def test_a_cell_is_found_by_its_execution_only_if_it_is_the_only_one() -> None:
    first, second, third = code("1", "a"), code("2", "b"), code("3", "c")
    for cell, count in ((first, 1), (second, 2), (third, 2)):
        cell.execution_count = count
    sources = Sources([first, second, third])
    assert [sources.executed(count) for count in (1, 2, 3)] == [0, None, None]


def test_a_long_line_is_cut_and_what_acts_is_gone() -> None:
    excerpt = Sources([code("x" * 10_000 + "\x1b[31m", "a")]).excerpt(0, 1)
    assert excerpt is not None
    assert len(excerpt.lines[0].text) == MAX_LINE
