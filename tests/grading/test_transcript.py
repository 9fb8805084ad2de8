"""Does the transcript show what was called, in lines of bounded length?"""

from __future__ import annotations

import math
import reprlib
import tracemalloc
from typing import Any

import numpy as np
import pytest

from autograder.grading import keep
from autograder.grading.probes import probe
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.grading.transcript import FIRST, LAST, MAX_LINE, Transcript, describe
from autograder.jail.inside.values import TensorData


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, "1"),
        (0.1 + 0.2, "0.3"),
        (1e-300, "1e-300"),
        (math.nan, "nan"),
        ("text", "'text'"),
        (None, "None"),
        ([1, (2.0,), []], "[1, (2.0,), []]"),
        ({"a": [1.0], 2: (None,)}, "{'a': [1.0], 2: (None,)}"),
        (b"PK", "b'PK'"),
        (b"x" * 1000, "1000 bytes"),
        (np.float64(2.5), "2.5"),
        (np.arange(3), "array([0, 1, 2])"),
        (np.array(2.5), "2.5"),
        (np.zeros((0, 1 << 40)), f"array(shape=(0, {1 << 40}), dtype=float64)"),
        (np.zeros((10, 10), "f4"), "array(shape=(10, 10), dtype=float32)"),
        (TensorData("torch", "float32", "cpu", np.zeros(2)), "torch tensor array([0., 0.])"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, ...]"),
    ],
    ids=str,
)
def test_values_are_shown_in_short(value: Any, shown: str) -> None:
    assert describe(value) == shown


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        b"x" * 10**6,
        1 << 8000,
        ["x" * 1000] * 6,
        [[["x" * 50] * 6] * 6] * 6,
        {str(n): "x" * 1000 for n in range(1000)},
        np.array("x" * 10**6),
        np.array(["x" * 1000] * 6),
        np.array([1.234567e300] * 6, complex).reshape(2, 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_line_is_bounded_whatever_the_value(value: object) -> None:
    transcript = Transcript()
    transcript.add(describe(value))
    assert all(len(line) <= MAX_LINE for line in transcript.lines())


def test_labels_are_letters_then_letters_with_numbers() -> None:
    transcript = Transcript()
    labels = [transcript.label() for _ in range(53)]
    assert labels[:2] == ["a", "b"]
    assert labels[25:28] == ["z", "a1", "b1"]
    assert len(set(labels)) == 53
    transcript.clear()
    assert transcript.label() == "a"


def test_the_first_and_the_last_lines_are_kept() -> None:
    transcript = Transcript()
    for n in range(1000):
        transcript.add(str(n))
    lines = transcript.lines()
    assert len(lines) == FIRST + LAST + 1
    assert lines[FIRST] == f"… {1000 - FIRST - LAST} more calls …"
    assert (lines[0], lines[-1]) == ("0", "999")


def test_equal_lines_in_a_row_are_one() -> None:
    transcript = Transcript()
    transcript.add("step()")
    transcript.returned(1.0)
    for _ in range(50):
        transcript.add("loss()")
        transcript.returned(0.5)
    transcript.add("loss()")
    transcript.returned(0.25)
    assert transcript.lines() == ["step()  →  1.0", "loss()  →  0.5  (50 times)", "loss()  →  0.25"]


def test_calls_left_out_are_counted_with_their_repetitions() -> None:
    transcript = Transcript()
    for n in range(FIRST + LAST + 3):
        transcript.add(str(n))
        transcript.add(str(n))
    assert transcript.lines()[FIRST] == "… 6 more calls …"
    assert transcript.lines()[-1] == f"{FIRST + LAST + 2}  (2 times)"


def test_a_test_reads_as_what_a_student_can_type(session: Session, student: Student) -> None:
    symbol = student.Symbol("x")
    total = symbol * 2 + np.arange(2)
    _ = total.text
    symbol.text = "y"
    shelf = student.Shelf(items=[1])
    keep(shelf)["items"]
    with student.Guard():
        pass
    assert session.transcript.lines() == [
        "a = Symbol('x')",
        "b = a * 2",
        "c = b + array([0, 1])",
        "c.text  →  'x*2+array'",
        "a.text = 'y'",
        "d = Shelf(items=[1])",
        "e = d['items']",
        "f = Guard()",
        "with f as g:",
        "(leave f)",
    ]


def test_what_failed_is_in_it_too(session: Session, student: Student) -> None:
    with pytest.raises(Exception, match="no"):
        student.fail("no")
    assert session.transcript.lines() == ["fail('no')"]


def test_an_integer_that_python_does_not_write_is_shown_by_its_length() -> None:
    enormous = 7**9_000
    for value in (enormous, [enormous] * 9, {enormous: enormous}, np.array([enormous, 1])):
        assert describe(value)
    assert describe(enormous) == "an integer of 25267 bits"


def test_objects_are_not_compared_to_show_a_dict_of_them(session: Session, student: Student) -> None:
    student.define("class Key:\n    def __lt__(self, other): asked.append(1)\nasked = []\n"
                   "def keys(): return {Key(): 1 for _ in range(9)}\ndef count(): return len(asked)")  # fmt: skip
    assert describe(student.keys()) == "dict of 9"
    assert student.count() == 0


@pytest.mark.parametrize("text", ["\U0010ffff" * 999_999, "x" * 100])
def test_an_array_of_long_texts_is_shown_by_its_shape(text: str) -> None:
    assert describe(np.array([text] * 6)) == f"array(shape=(6,), dtype=<U{len(text)})"
    assert describe(np.array(["one", "two"])) == "array(['one', 'two'])"
    assert len(describe(TensorData("x" * 1_000_000, "", "", np.zeros(2)))) < 2 * MAX_LINE


LARGE = bytes(32 << 20)


@pytest.mark.parametrize(
    "value",
    [[LARGE] + [0] * 9, (slice(LARGE),), slice(slice(LARGE), LARGE), [np.array(["x" * 999_000] * 9)] + [0] * 9],
    ids=["bytes", "in a tuple", "slice", "texts"],
)
def test_nothing_is_written_out_to_be_cut(value: Any) -> None:
    """100 MB of bytes in a list were 400 MB of text. Standard shortening, the protection taken out, does that."""
    tracemalloc.start()
    try:
        assert len(describe(value)) <= MAX_LINE
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        reprlib.repr(value)
        assert tracemalloc.get_traced_memory()[1] > 30 << 20
    finally:
        tracemalloc.stop()


@probe
def halves(x):  # type: ignore[no-untyped-def]
    return x / 2


def test_a_probe_is_shown_by_its_name_or_as_lines_that_can_be_typed(session: Session, student: Student) -> None:
    assert student.run(halves, 3.0) == student.run(halves.typed("y = 3.0", "y / 2"), 3.0) == 1.5
    assert session.transcript.lines() == ["(halves: 3.0)  →  1.5", "y = 3.0", "y / 2  →  1.5"]
