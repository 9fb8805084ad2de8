"""Turns data that came from a student into arrays. Whatever it is, the only error is a failed check."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.errors import CheckFailed
from autograder.grading.transcript import describe


def array_of(data: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """The data as an array. What crosses is bounded so that this takes at most some hundred MiB.

    Raises
    ------
    CheckFailed
        when numpy makes no array of it: it is ragged, of mixed kinds or too large.
    """
    try:
        with np.errstate(all="ignore"):
            return np.asarray(data, dtype)
    except (ArithmeticError, LookupError, MemoryError, RuntimeError, TypeError, ValueError, Warning):
        raise CheckFailed(f"{describe(data)} came back where an array was expected") from None
