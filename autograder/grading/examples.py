"""Public examples of hidden tests: what is called, what is expected, what the student's code gives.

A test declares one with ``@pytest.mark.example(code, gives=value)`` or ``raises="ValueError"``. Anybody may know it:
the code runs in the student's process, and its values are none of the test's own. It is run when the test has failed,
as a student would run it: in a new cell at the end of the notebook. It decides no points.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from autograder.environments import hide_paths
from autograder.errors import CheckFailed, StudentCrash, StudentError, StudentTimeout
from autograder.grading.assertions import as_numbers, base_type, value
from autograder.grading.handles import Handle
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.shown import ShownExample
from autograder.grading.transcript import describe
from autograder.grading.verdict import WRONG_FORM
from autograder.text import clean

RTOL, ATOL = 1e-4, 1e-6
"""Numbers that differ by less than ``ATOL + RTOL * |expected|`` are shown alike, with five or six digits."""
MAX_CODE = 500
"""The most characters of an example: students read it."""
MAX_SHOWN = 320
WALL_S = 10.0
"""The most wall-clock seconds of one example. It takes well under a second where the code is right."""
MAX_STOPPED = 2
"""After so many examples that had to be stopped, the rest is left out."""
_LEFT_OUT = re.compile(r"array\(shape=|, \.\.\.[\])]|^(?:list|tuple|dict) of \d")
"""How :func:`~autograder.grading.transcript.describe` shows that it does not show everything."""
_HOW = '@pytest.mark.example("code", gives=value), or raises="ValueError" in place of gives'


@dataclass(frozen=True)
class Example:
    """An example as a test declares it.

    Attributes
    ----------
    code
        lines of Python in the notebook's namespace; the last one is an expression
    gives
        the value of that expression, as data
    raises
        the name of the exception that must be raised instead; empty for none
    """

    code: str
    gives: Any = None
    raises: str = ""

    @property
    def expected(self) -> str:
        """What must come back, in words."""
        return f"raises {self.raises}" if self.raises else describe(self.gives)


def example_of(item: pytest.Item) -> Example | None:
    """The example that a test declares; None if it declares none.

    Raises
    ------
    pytest.UsageError
        when the mark has another form, or its code is not Python that ends with an expression.
    """
    mark = item.get_closest_marker("example")
    if mark is None:
        return None
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or list(mark.kwargs) not in (["gives"], ["raises"]):
        raise pytest.UsageError(f"{item.name}: an example is {_HOW}")
    example = Example(mark.args[0].strip(), **mark.kwargs)
    problem = problem_of(example)
    if problem:
        raise pytest.UsageError(f"{item.name}: its example {problem}")
    return example


def problem_of(example: Example) -> str:
    """What is wrong with an example as it is written, in a few words; empty if nothing is."""
    try:
        body = ast.parse(example.code).body
    except SyntaxError as error:
        return f"is not Python: line {error.lineno}: {error.msg}"
    if not body or not isinstance(body[-1], ast.Expr):
        return "must end with an expression, whose value is shown"
    if len(example.code) > MAX_CODE:
        return f"has {len(example.code)} characters; students read it, so {MAX_CODE} are the most"
    if _LEFT_OUT.search(example.expected):
        return f"is too large to be shown: students would read '{example.expected}'"
    return ""


def run_examples(run: NotebookRun, limit: Limit, wanted: Iterable[tuple[str, Example, int]]) -> dict[str, ShownExample]:
    """Run examples after the whole notebook; the results by the name of the test.

    Each has the CPU time of a test. ``wanted``: names of tests, their examples, and the seeds of the student's process.
    When the kernel ends, the remaining examples are left out: they are not worth a replay.
    """
    shown: dict[str, ShownExample] = {}
    stopped = 0
    for name, example, seed in wanted:
        if stopped == MAX_STOPPED or (run.open_session is not None and not run.open_session.channel.usable):
            break
        try:
            session = run.session()
            session.begin_test(Limit(limit.cpu_s, WALL_S), seed)
        except StudentError:  # no time is left, or the kernel died
            break
        try:
            shown[name] = _run(session.channel.request, example)
        except StudentTimeout as error:
            shown[name], stopped = _shown(example, error.message, right=False), stopped + 1
    return shown


def _run(request: Any, example: Example) -> ShownExample:
    try:
        got = request("example", example.code)
        got = got if not isinstance(got, Handle) else value(got)
    except CheckFailed as error:
        return _shown(example, str(error), right=False)
    except StudentTimeout:
        raise
    except StudentCrash as error:
        return _shown(example, error.message, right=False)
    except StudentError as error:
        unanswered = error.types[:1] == ("NotImplementedError",) != (example.raises,)  # it is a RuntimeError, too
        return _shown(example, f"raises {error}", right=example.raises in error.types and not unanswered)
    right = not example.raises and agrees(got, example.gives)
    if isinstance(got, np.ndarray) and not example.raises and _numbers(example.gives):
        example = replace(example, gives=np.asarray(example.gives))  # shown in the form of what came back
    return _shown(example, describe(got), right=right)


def _shown(example: Example, got: str, *, right: bool) -> ShownExample:
    return ShownExample(example.code, example.expected, hide_paths(clean(" ".join(got.split()), MAX_SHOWN)), right)


def agrees(got: Any, expected: Any) -> bool:
    """Whether what came back is what the example expects: numbers nearly, everything else exactly.

    A list of numbers, a tuple and an array with the same numbers agree; a bool agrees with a bool only.
    """
    try:
        return _agrees(got, expected)
    except (CheckFailed, StudentError, *WRONG_FORM):  # a value in a list may be an object, which is asked for its data
        return False


def _agrees(got: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        data = value(got)
        same_keys = base_type(data) is dict and data.keys() == expected.keys()
        return same_keys and all(_agrees(data[key], expected[key]) for key in expected)
    if isinstance(expected, list | tuple) and not _numbers(expected):
        data = value(got)
        return (
            base_type(data) in (list, tuple)
            and len(data) == len(expected)
            and all(_agrees(one, other) for one, other in zip(data, expected, strict=True))
        )
    if _numbers(expected):
        numbers, wanted = as_numbers(got), np.asarray(expected)
        if numbers.shape != wanted.shape or (numbers.dtype.kind == "b") != (wanted.dtype.kind == "b"):
            return False
        with np.errstate(all="ignore"):
            return bool(np.isclose(numbers, wanted, rtol=RTOL, atol=ATOL, equal_nan=True).all())
    data = value(got)
    return base_type(data) is type(expected) and bool(data == expected)


def _numbers(expected: Any) -> bool:
    """Whether this is a number, an array of numbers, or lists of them that make an array."""
    try:
        array = np.asarray(expected)
    except ValueError:  # lists of unequal lengths
        return False
    return array.dtype.kind in "biufc" and (array.size > 0 or isinstance(expected, np.ndarray))
