"""The hidden tests' helper functions for running inside the student's process, as stock nbgrader would have to.

For comparison only. Everything that makes grading safe is missing here, as in every grader that runs its tests in the
notebook's own kernel.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np


class StudentError(Exception):
    """Never raised here: the student's exceptions arrive unchanged."""


class CheckFailed(AssertionError):
    """A property does not hold."""


class Student(SimpleNamespace):
    """The notebook's globals."""

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a probe; here it is in the same process."""
        return function(*args, **kwargs)


def probe(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a probe, which is just a function here; nobody reads the lines that would stand for it."""
    function.typed = lambda *lines: function  # type: ignore[attr-defined]
    return function


def value(x: Any) -> Any:
    """The data of one of the sprint's Tensors; other data is returned unchanged."""
    return x if isinstance(x, np.ndarray | np.generic) else getattr(x, "data", x)


def as_numbers(x: Any, what: str = "") -> np.ndarray[Any, Any]:
    """A value as an array."""
    return np.asarray(value(x))


def assert_close(got: Any, expected: Any, *, rtol: float = 1e-7, atol: float = 1e-9, **_: Any) -> None:
    """Compare with numpy's own function."""
    np.testing.assert_allclose(as_numbers(got), expected, rtol=rtol, atol=atol)


def check(condition: Any, must: str, **_: Any) -> None:
    """Do a plain assert."""
    assert condition, must


@contextlib.contextmanager
def raises(*types: str) -> Iterator[None]:
    """Expect an exception whose class, or a base class, has one of these names."""
    try:
        yield
    except Exception as error:
        if not {cls.__name__ for cls in type(error).__mro__} & set(types):
            raise
    else:
        raise CheckFailed("nothing was raised")


def keep(x: Any) -> Any:
    """Return the value: here it does not leave the process anyway."""
    return x


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same object."""
    return one is other


def base_type(x: Any) -> type:
    """The type of a value, without the dress of a subclass."""
    for base in (bool, int, float, str, bytes, tuple, list, dict):
        if isinstance(x, base):
            return base
    return type(x)


def is_a(x: Any, *types: type) -> bool:
    """Whether a value is of one of these types."""
    return base_type(x) in types


def describe(x: Any) -> str:
    """A value in a line that is shown; here nobody reads it."""
    return repr(x)


def type_name(x: Any) -> str:
    """The class's name."""
    return type(x).__name__


def run_tests(namespace: dict[str, Any], tests: list[Callable[..., None]]) -> None:
    """Call each test with the arguments that it asks for."""
    for test in tests:
        wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
        given = {"student": Student(**namespace), "rng": np.random.default_rng(0)}
        test(**{name: given[name] for name in wanted})


def earned(namespace: dict[str, Any], tests: list[Callable[..., None]]) -> float:
    """The points of the tests that pass; as the cell's value, stock nbgrader takes this as a partial score."""
    points = 0.0
    for test in tests:
        with contextlib.suppress(Exception):
            run_tests(namespace, [test])
            points += next(mark.args[0] for mark in test.pytestmark if mark.name == "points")  # type: ignore[attr-defined]
    return points
