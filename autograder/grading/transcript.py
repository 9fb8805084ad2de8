"""The transcript: what a test did with the student's objects, as lines that a student can type.

It shows in the feedback what was called, without the test's source. Arguments are the test's inputs, which a student
may see. Nothing here is an expected value.
"""

from __future__ import annotations

import itertools
import reprlib
import string
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.jail.inside.values import TensorData

MAX_LINE = 160
MAX_SHOWN = 2 * MAX_LINE
FIRST, LAST = 6, 10
MAX_BITS = 8 * 1024
"""The longest integer whose digits are shown; Python refuses to write some longer ones."""
SMALL = 6
"""Arrays, lists and dicts with at most this many elements are shown completely."""


class _Short(reprlib.Repr):
    """Shortens values without a comparison or a conversion that could fail: keys may be objects, integers enormous.

    What reprlib writes out before it cuts it is described instead: 100 MB of bytes became 400 MB of text.
    """

    def repr1(self, x: Any, level: int) -> str:
        return describe(x) if isinstance(x, _DESCRIBED) else super().repr1(x, level)

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        return f"dict of {len(x)}"

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() <= MAX_BITS else f"an integer of {x.bit_length()} bits"


_short = _Short()
_short.maxstring = _short.maxother = 80


_DESCRIBED = (bytes, np.ndarray, np.generic, slice, TensorData)


def _number(x: float) -> str:
    """A number with five digits, and with a point even if no digits follow it, since 1. is a float."""
    text = f"{x:.5g}"
    return text + "." if text.lstrip("-").isdigit() else text


def _items(value: Any, show: Callable[[Any], str]) -> str:
    """A nested list as text. Every request needs this, and numpy's own formatting takes ten times as long."""
    return f"[{', '.join(_items(v, show) for v in value)}]" if isinstance(value, list) else show(value)


def describe(value: Any) -> str:
    """One line of limited length for a value: small arrays in full, large ones by shape, objects by label or class."""
    if isinstance(value, TensorData):
        return f"{value.framework[:MAX_LINE]} tensor {describe(value.array)}"
    if isinstance(value, np.ndarray):
        if not value.ndim:
            return describe(value[()])
        small = 0 < value.size <= SMALL and value.ndim <= 2
        if small and value.dtype.kind != "O" and value.itemsize <= 4 * MAX_LINE:
            shown = f"array({_items(value.tolist(), _number if value.dtype.kind == 'f' else repr)})"
            if len(shown) <= MAX_SHOWN:
                return shown
        return f"array(shape={value.shape}, dtype={value.dtype})"
    if isinstance(value, np.generic):
        return f"{value.item()!r}"[:MAX_LINE]
    if isinstance(value, float):
        return repr(value) if len(repr(value)) <= 10 else f"{value:.6g}"
    if isinstance(value, list | tuple) and len(value) <= SMALL:
        inner = ", ".join(describe(v) for v in value)
        closed = f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
        return closed if len(closed) <= MAX_LINE else f"{type(value).__name__} of {len(value)}"
    if isinstance(value, dict) and len(value) <= SMALL:
        inner = ", ".join(f"{describe(k)}: {describe(v)}" for k, v in value.items())
        return f"{{{inner}}}" if len(inner) <= MAX_LINE else f"dict of {len(value)}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes" if len(value) > 40 else repr(value)
    if isinstance(value, slice):
        return f"slice({', '.join(map(describe, (value.start, value.stop, value.step)))})"[:MAX_LINE]
    label = getattr(type(value), "__describe__", None)
    return label(value) if label else _short.repr(value)[:MAX_LINE]


class Transcript:
    """The lines of one test, and the labels a, b, c, … of the objects in them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Start again for the next test."""
        self._lines: list[str] = []
        self._times: list[int] = []
        self._left_out = 0
        self._names = (
            letter + number
            for number in itertools.chain([""], map(str, itertools.count(1)))
            for letter in string.ascii_lowercase
        )

    def label(self) -> str:
        """The next free label for an object."""
        return next(self._names)

    def add(self, line: str) -> None:
        """Add one line, cut to the maximum length."""
        self._shorten()
        self._lines.append(line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…")
        self._times.append(1)

    def _shorten(self) -> None:
        """Make one line of two equal ones at the end, so that they push out none; keep first and last ones."""
        if len(self._lines) > 1 and self._lines[-1] == self._lines[-2]:
            self.drop()
            self._times[-1] += 1
        if len(self._lines) > FIRST + LAST:
            del self._lines[FIRST]
            self._left_out += self._times.pop(FIRST)

    def assign(self, label: str) -> None:
        """Show that the last line's result is called ``label``."""
        line = self._lines[-1]
        opens = line.startswith("with ") and line.endswith(":")
        self._lines[-1] = (f"{line[:-1]} as {label}:" if opens else f"{label} = {line}")[:MAX_LINE]

    def returned(self, value: Any) -> None:
        """Show the data that the last line's call returned."""
        if value is not None:
            line = self._lines[-1]
            shown = f"{line}  →  {describe(value)}"
            self._lines[-1] = shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"

    def drop(self) -> None:
        """Remove the last line."""
        self._lines.pop()
        self._times.pop()

    def lines(self) -> list[str]:
        """The first and the last lines, equal ones in a row once, and one line in place of those left out."""
        self._shorten()
        both = zip(self._lines, self._times, strict=True)
        lines = [line if times == 1 else f"{line}  ({times} times)" for line, times in both]
        if not self._left_out:
            return lines
        between = f"… {self._left_out} more calls …"
        return [*lines[:FIRST], between, *lines[FIRST:]]
