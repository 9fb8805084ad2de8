"""Where cells, lines and tasks are."""

from __future__ import annotations

from autograder.notebook.places import editor_line, executed, numbers, task_at
from tests.support.builders import code, text


def test_cells_that_run_are_numbered_in_order() -> None:
    assert numbers([text("a"), code("1"), code(" \n"), code("2")]) == [0, 1, 0, 2]
    assert numbers([]) == []


def test_the_cell_behind_a_frame() -> None:
    first, second, third = code("1"), code("2"), code("3")
    first.execution_count, second.execution_count, third.execution_count = 1, 2, 2
    assert [executed([first, second, third], count) for count in (1, 2, 3)] == [0, None, None]


def test_a_line_is_the_one_that_the_editor_shows() -> None:
    assert editor_line("\n \n\nx = 1\ny = 2", 2) == 5
    assert editor_line("x = 1", 1) == 1


def test_the_task_whose_check_comes_next() -> None:
    graded = {"later": 5, "first": 2}
    assert [task_at(place, graded) for place in (0, 2, 4, 5)] == ["first", "later", "later", ""]
