"""Is metadata that nbgrader would refuse refused, also after the same was fine in another form?"""

from __future__ import annotations

import pytest
from nbgrader.nbgraderformat import ValidationError

from autograder.bridge.metadata import CheckOnce
from tests.support import tiny


def test_what_is_fine_is_let_through_and_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckOnce, "_fine", set())
    nb = tiny.released()
    assert CheckOnce().preprocess(nb, {}) == (nb, {})
    assert len(CheckOnce._fine) == 1
    nb.cells[1].source = "another answer"
    CheckOnce().preprocess(nb, {})
    assert len(CheckOnce._fine) == 1


def test_a_difference_in_metadata_is_checked_anew() -> None:
    nb = tiny.released()
    CheckOnce().preprocess(nb, {})
    graded = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    del graded.metadata.nbgrader["points"]
    for _ in range(2):  # what was refused stays refused
        with pytest.raises(ValidationError):
            CheckOnce().preprocess(nb, {})


def test_a_difference_in_the_kind_of_cell_is_checked_anew() -> None:
    nb = tiny.released()
    CheckOnce().preprocess(nb, {})
    graded = next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    graded.cell_type = "markdown"
    with pytest.raises(ValidationError):
        CheckOnce().preprocess(nb, {})
