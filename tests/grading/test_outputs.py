"""Is output bounded, checked and merged, in time that grows with its length?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from autograder.grading.outputs import (
    OUTPUTS,
    OutputRoom,
    as_in_a_terminal,
    check,
    merged,
    with_a_count,
    without_structure,
)


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def taken(room: OutputRoom, cell: NotebookNode, index: int, *sizes: int, is_stream: bool = True) -> list[bool]:
    return [room.take(cell, index, size, stream=is_stream) for size in sizes]


def test_a_cell_has_its_room_and_says_once_when_it_is_used_up() -> None:
    room, cell = OutputRoom(1000, 10_000), new_code_cell()
    room.begin(0)
    assert taken(room, cell, 0, 400, 400, 400, 10) == [True, True, False, False]
    assert [output.text[:36] for output in cell.outputs] == ["[the rest of the output was left out"]
    assert not room.take(cell, 7, 10, stream=True), "a cell that has not begun has no room"


def test_a_notebook_has_its_room_too() -> None:
    room = OutputRoom(1000, 1500)
    cells = [new_code_cell(), new_code_cell()]
    for index, cell in enumerate(cells):
        room.begin(index)
        assert taken(room, cell, index, 900) == [index == 0]


def test_one_output_that_does_not_fit_leaves_the_other_cells_their_room() -> None:
    room = OutputRoom(1000, 1500)
    room.begin(0)
    room.begin(1)
    assert taken(room, new_code_cell(), 0, 100_000_000) == [False]
    assert taken(room, new_code_cell(), 1, 900) == [True]


def test_the_number_of_outputs_is_bounded_and_the_shortest_ones_count() -> None:
    room, cell = OutputRoom(1 << 30, 1 << 30), new_code_cell()
    room.begin(0)
    assert sum(taken(room, cell, 0, *[1] * (OUTPUTS + 5), is_stream=False)) == OUTPUTS
    room = OutputRoom(1000, 1000)
    room.begin(0)
    assert sum(taken(room, cell, 0, *[0] * 100)) < 20
    room = OutputRoom(1 << 20, 4 << 20)
    for index in range(8):
        room.begin(index)
    assert sum(sum(taken(room, cell, index, *[1] * OUTPUTS, is_stream=False)) for index in range(8)) <= 4_096


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("stream", {"name": "stdout", "text": "x"}),
    ("error", {"ename": "E", "evalue": "", "traceback": ["a", "b"]}),
    ("display_data", {"data": {"text/plain": "x", "application/vnd.x+json": {"a": [1]}}, "metadata": {}}),
    ("execute_result", {"data": {}, "metadata": {}, "execution_count": 3}),
]


@pytest.mark.parametrize(("kind", "content"), GOOD)
def test_what_jupyter_specifies_is_accepted(kind: str, content: dict[str, Any]) -> None:
    check(kind, content)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("stream", {}),
    ("stream", {"name": "stdin", "text": "x"}),
    ("stream", {"name": "stdout", "text": ["x"]}),
    ("error", {"ename": "E", "evalue": "", "traceback": "ab"}),
    ("error", {"ename": "E", "evalue": 3, "traceback": []}),
    ("error", {"ename": "E", "evalue": "", "traceback": [["a"]]}),
    ("display_data", {"data": {"text/html": ["<b>"]}, "metadata": {}}),
    ("display_data", {"data": {}, "metadata": []}),
    ("display_data", {"data": [], "metadata": {}}),
    ("execute_result", {"data": {}, "metadata": {}, "execution_count": {}}),
]


@pytest.mark.parametrize(("kind", "content"), BAD)
def test_what_it_does_not_is_malformed(kind: str, content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="malformed"):
        check(kind, content)


@pytest.mark.parametrize("count", [-5, True, 1.5, "<b>1</b>", {"a": 1}, 10**4_000, 10**9])
def test_a_number_that_no_cell_may_have_is_none(count: Any) -> None:
    content = {"execution_count": count, "code": "x"}
    with_a_count(content)
    assert content == {"execution_count": None, "code": "x"}


@pytest.mark.parametrize("content", [{}, {"execution_count": None}, {"execution_count": 0}, {"execution_count": 7}])
def test_a_number_that_a_cell_may_have_is_left_alone(content: dict[str, Any]) -> None:
    before = dict(content)
    with_a_count(content)
    assert content == before


def test_streams_are_merged_in_place_and_stdout_comes_first() -> None:
    picture = new_output("display_data", data={"image/png": "x"})
    outputs = merged([stream("e", "stderr"), stream("a"), picture, stream("b"), stream("f", "stderr")])
    assert [output.get("text", "picture") for output in outputs] == ["ab", "ef", "picture"]
    assert merged(merged(outputs)) == outputs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10 %\r20 %\r30 %\ndone", "30 %\ndone"),
        ("a\r\nb\r\n", "a\r\nb\r\n"),
        ("abc\b\bd", "ad"),
        ("\b\b", ""),
        ("a\n\bb", "a\nb"),
        ("one\rtwo\r", "two\r"),
    ],
)
def test_control_characters_do_what_they_do_in_a_terminal(text: str, shown: str) -> None:
    assert as_in_a_terminal(text) == shown


@given(st.text("ab\r\b\n", max_size=60))
def test_what_is_shown_is_never_longer_and_has_no_backspaces(text: str) -> None:
    shown = as_in_a_terminal(text)
    assert len(shown) <= len(text)
    assert "\b" not in shown
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize("text", ["x" * 3_000_000, "x\r" * 1_500_000, "x\b" * 1_500_000, "\r\n" * 1_500_000])
def test_three_million_characters_are_merged(text: str) -> None:
    """Quadratic time would take hours here."""
    assert len(merged([stream(text)])[0].text) <= len(text)


def nested(depth: int) -> Any:
    value: Any = [1] * 1_000
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [100, 200, 400])
def test_an_output_takes_about_as_much_in_a_file_as_in_its_message(depth: int) -> None:
    """Nested lists, each item of which is a line behind as many blanks, are left out."""
    sizes = {"width": 3, "more": nested(depth)}
    content = {"data": {"text/plain": "x", "application/json": nested(depth)}, "metadata": {"image/png": sizes, "x": 1}}
    message = json.dumps(content)
    assert len(json.dumps(content, indent=1)) > 20 * len(message), "the twin"
    without_structure(content)
    assert content == {"data": {"text/plain": "x"}, "metadata": {"image/png": {"width": 3}}}
    assert len(json.dumps(content, indent=1)) < len(message)
