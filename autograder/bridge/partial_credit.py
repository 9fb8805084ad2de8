"""Partial credit by a cell's last value: a number of numpy's counts as the number that it is.

nbgrader reads the value's text with ``float``. Since numpy 2 that text is ``np.float64(0.5)``, which is no number to
it, and the cell gets full points.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import nbgrader.utils

_NUMBER = re.compile(r"(?:np|numpy)\.(?:u?int\w*|u?long\w*|float\w*|double|half|single)\((['\"]?)([-+\w.]+)\1\)")


def install() -> None:
    """Make nbgrader read numbers of numpy's, wherever it determines a grade: in autograde and in validate."""
    stock = nbgrader.utils.get_partial_grade
    if getattr(stock, "reads_numpy", False):
        return

    @functools.wraps(stock)
    def get_partial_grade(output: Any, max_points: float, log: Any = None) -> float:
        text = output["data"].get("text/plain")
        plain = as_number(text) if isinstance(text, str) else text
        grade: float = stock({**output, "data": {**output["data"], "text/plain": plain}}, max_points, log)
        return grade

    get_partial_grade.reads_numpy = True  # type: ignore[attr-defined]
    nbgrader.utils.get_partial_grade = get_partial_grade


def as_number(text: str) -> str:
    """The text of a value, without the name of numpy's type around a number."""
    found = _NUMBER.fullmatch(text.strip())
    return found[2] if found else text
