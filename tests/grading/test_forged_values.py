"""Is any value that the wire lets through a failed test at worst, and never a fault of ours?"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.course.sprint import find_sprint, slugs
from autograder.errors import CheckFailed
from autograder.grading import assert_close, check, same, type_name
from autograder.grading import value as value_of
from autograder.grading.assertions import as_numbers
from autograder.grading.convert import array_of
from autograder.grading.outcome import Outcome
from autograder.grading.transcript import MAX_LINE, Transcript, describe
from autograder.grading.verdict import message_of
from autograder.jail.inside.values import WireError
from tests.support.forged import arrived, grade_forged, value
from tests.support.frames import there_and_back


def shown(x: Any) -> None:
    transcript = Transcript()
    transcript.add("call")
    transcript.returned(x)
    assert len(describe(x)) <= 2 * MAX_LINE
    assert len(message_of(CheckFailed(f"came: {describe(x)}"), Outcome.FAILED, transcript.lines(), "")) < 5_000


USES: dict[str, Callable[[Any], object]] = {
    "value": value_of,
    "array": array_of,
    "numbers": as_numbers,
    "close to a number": lambda x: assert_close(x, 0.5),
    "close to a vector": lambda x: assert_close(x, np.array([1.0, 2.0, 3.0])),
    "close to a table of another dtype": lambda x: assert_close(x, np.ones((4, 3), np.float32), shape=False),
    "close to booleans": lambda x: assert_close(x, np.array([True, False, True])),
    "a condition": lambda x: check(x, "it must hold"),
    "what a check shows": lambda x: check(False, "it must hold", got=x),
    "same": lambda x: same(x, x),
    "type": type_name,
    "shown": shown,
}


@pytest.mark.parametrize("count", [1_000, pytest.param(25_000, marks=pytest.mark.slow)])
def test_every_value_is_right_or_a_failed_check(count: int) -> None:
    rng, refused = random.Random(count), 0
    for _ in range(count):
        try:
            x = arrived(value(rng))
        except WireError:  # one long text among very many values: that is the student's failure already
            refused += 1
            continue
        for use in USES.values():
            with contextlib.suppress(CheckFailed):
                use(x)
    assert refused < count / 1_000


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("slug", slugs())
def test_no_hidden_test_is_broken_by_what_comes_back(slug: str, rounds: int) -> None:
    for seed in range(rounds):
        graded = grade_forged(find_sprint(slug), seed)
        assert not graded.faults, f"seed {seed}: {graded.faults}"
        assert graded.results.status in ("graded", "pending")


def test_a_list_whose_array_would_be_enormous_does_not_arrive() -> None:
    texts = ["x" * 1_000_000] + [""] * 1_000_000
    with pytest.raises(WireError, match="array of these texts"):
        there_and_back(texts)
    with pytest.raises(WireError, match="array of these texts"):
        there_and_back([[["x" * 1_000_000]], [[""] * 1_000_000]])
    assert there_and_back({"long": "x" * 1_000_000, "short": [""] * 1_000})["short"] == [""] * 1_000
    assert len(there_and_back(["x" * 1_000_000] * 3)) == 3
