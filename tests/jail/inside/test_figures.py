"""Are the figures closed that a test leaves open, and only those?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import matplotlib
import pytest
from matplotlib import pyplot

from autograder.jail.inside.figures import close_others, open_figures


@pytest.fixture(autouse=True)
def _pictures_in_memory() -> Iterator[None]:
    before = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(before)


def test_the_notebooks_own_figures_stay_open() -> None:
    own = pyplot.figure().number
    kept = open_figures()
    pyplot.figure("a hidden test's")
    close_others(kept)
    assert pyplot.get_fignums() == [own]


def test_without_pyplot_there_is_nothing_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    close_others(open_figures())
    assert "matplotlib.pyplot" not in sys.modules


def test_what_a_notebook_replaces_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyplot, "get_fignums", lambda: 1 / 0)
    close_others(open_figures())
    monkeypatch.setattr(pyplot, "get_fignums", lambda: [10**9, "no number"])
    monkeypatch.setattr(pyplot, "close", lambda number: 1 / 0)
    close_others(frozenset())
