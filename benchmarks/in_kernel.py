"""The hidden tests' vocabulary inside the student's process: how stock nbgrader would have to run them.

For comparison only. Everything that makes grading safe is missing here, as it is in every grader that runs its tests in
the notebook's own kernel.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np


class StudentError(Exception):
    """Never raised here: the student's own exceptions arrive as they are."""


class CheckFailed(AssertionError):
    """A property does not hold."""


class Student(SimpleNamespace):
    """The notebook's globals."""

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a probe, which needs no crossing here."""
        return function(*args, **kwargs)


def probe(function: Callable[..., Any]) -> Callable[..., Any]:
    """A probe is just a function here."""
    return function


def value(x: Any) -> Any:
    """The data behind a Tensor of the sprint; data passes through."""
    return x if isinstance(x, np.ndarray | np.generic) else getattr(x, "data", x)


def as_numbers(x: Any, what: str = "") -> np.ndarray[Any, Any]:
    """The data as an array."""
    return np.asarray(value(x))


def assert_close(got: Any, expected: Any, *, rtol: float = 1e-7, atol: float = 1e-9, **_: Any) -> None:
    """numpy's own comparison."""
    np.testing.assert_allclose(as_numbers(got), expected, rtol=rtol, atol=atol)


def check(condition: Any, must: str, **_: Any) -> None:
    """A plain assert."""
    assert condition, must


@contextlib.contextmanager
def raises(*types: str) -> Iterator[None]:
    """Some exception of these names."""
    try:
        yield
    except Exception as error:
        if not {cls.__name__ for cls in type(error).__mro__} & set(types):
            raise
    else:
        raise CheckFailed("nothing was raised")


def keep(x: Any) -> Any:
    """Everything stays where it is here."""
    return x


def same(one: Any, other: Any) -> bool:
    """Identity."""
    return one is other


def type_name(x: Any) -> str:
    """The class's name."""
    return type(x).__name__


def run_tests(namespace: dict[str, Any], tests: list[Callable[..., None]]) -> None:
    """Call each test with what it asks for."""
    for test in tests:
        wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
        given = {"student": Student(**namespace), "rng": np.random.default_rng(0)}
        test(**{name: given[name] for name in wanted})


def earned(namespace: dict[str, Any], tests: list[Callable[..., None]]) -> float:
    """The points of the tests that pass, the value from which stock nbgrader takes a cell's partial score."""
    points = 0.0
    for test in tests:
        with contextlib.suppress(Exception):
            run_tests(namespace, [test])
            points += next(mark.args[0] for mark in test.pytestmark if mark.name == "points")  # type: ignore[attr-defined]
    return points
