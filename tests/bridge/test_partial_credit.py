"""Does a number of numpy's as the last value count as its number, and everything else as nbgrader counts it?"""

from __future__ import annotations

from collections.abc import Iterator

import nbgrader.utils
import numpy as np
import pytest
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade

from autograder.bridge import partial_credit
from autograder.bridge.partial_credit import as_number
from tests.support.builders import graded

NUMBERS = [np.float64(0.5), np.float32(0.25), np.float16(1.5), np.longdouble("0.75"), np.int64(2), np.uint8(1)]
OTHERS = ["0.5", "3", "'0.5'", "np.True_", "array(0.5)", "tensor(0.5)", "np.float64(0.5) + 1", "x.np.float64(0.5)", ""]


@pytest.fixture
def stock() -> Iterator[None]:
    """nbgrader's own function, whatever has been installed in this process."""
    kept = nbgrader.utils.get_partial_grade
    nbgrader.utils.get_partial_grade = getattr(kept, "__wrapped__", kept)
    yield
    nbgrader.utils.get_partial_grade = kept


def grade_of(text: str) -> float | None:
    cell = graded("cell", 3)
    cell.outputs = [new_output("execute_result", {"text/plain": text})]
    grade: float | None = determine_grade(cell)[0]
    return grade


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_a_number_of_numpys_is_its_number(stock: None, number: np.generic) -> None:
    assert grade_of(repr(number)) == 3, "what nbgrader makes of it"
    partial_credit.install()
    assert grade_of(repr(number)) == pytest.approx(float(number))


@pytest.mark.parametrize("text", OTHERS)
def test_everything_else_is_as_it_was(text: str) -> None:
    assert as_number(text) == text


@pytest.mark.parametrize("text", ["np.float64(nan)", "np.float64(-1.0)", "np.float64(-inf)"])
def test_what_is_no_score_is_treated_as_nbgrader_treats_it(stock: None, text: str) -> None:
    plain = grade_of(as_number(text))
    partial_credit.install()
    assert grade_of(text) == plain


def test_more_than_the_cell_is_worth_is_refused(stock: None) -> None:
    partial_credit.install()
    with pytest.raises(ValueError, match="cannot be greater"):
        grade_of("np.float64(3.5)")
