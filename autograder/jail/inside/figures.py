"""Matplotlib's open figures: those that a test leaves open are closed.

Pyplot keeps each figure until it is closed, and the notebook's next ``plt.show()`` shows all of them. The figures that
hidden tests had drawn would be in the student's notebook, and the student's own might have no room there.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any


def open_figures() -> frozenset[int]:
    """The numbers of the figures that are open; none if pyplot has not been imported."""
    with contextlib.suppress(Exception):  # the student may have replaced parts of it
        return frozenset(_pyplot().get_fignums())
    return frozenset()


def close_others(numbers: frozenset[int]) -> None:
    """Close the figures with other numbers."""
    for number in open_figures() - numbers:
        with contextlib.suppress(Exception):
            _pyplot().close(number)


def _pyplot() -> Any:
    """Pyplot; it is not imported for this: a notebook without it has no figures.

    Raises
    ------
    KeyError
        when the notebook has not imported it.
    """
    return sys.modules["matplotlib.pyplot"]
