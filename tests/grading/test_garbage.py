"""Is what a failed test received freed at its end, if it was much?"""

from __future__ import annotations

import gc
import sys
import weakref

import numpy as np
import pytest

from autograder.grading.garbage import LARGE, Garbage


class Frame:
    """Holds an array, and itself, as the frames of an exception do."""

    def __init__(self) -> None:
        self.itself, self.array = self, np.zeros(9)


@pytest.mark.parametrize("size", [LARGE, LARGE - 1])
def test_what_holds_itself_is_freed_once_much_came(size: int) -> None:
    """After less it stays, until Python collects by the number of objects: so it is this that frees it."""
    garbage, gone = Garbage(), weakref.ref(Frame())
    gc.disable()
    try:
        garbage.add(size)
        garbage.free()
        assert (gone() is None) == (size >= LARGE)
    finally:
        gc.enable()


def test_the_last_exception_is_not_kept() -> None:
    """pytest leaves it to debuggers."""
    sys.last_value = ValueError()
    garbage = Garbage()
    garbage.add(LARGE)
    garbage.free()
    assert not hasattr(sys, "last_value")
