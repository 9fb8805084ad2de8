"""The checks for hidden tests. A failure names the property and what came back, never the expected value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from autograder.errors import CheckFailed, StudentCrash, StudentError, StudentTimeout
from autograder.grading.convert import array_of
from autograder.grading.dressed import as_object, plain
from autograder.grading.handles import Handle
from autograder.grading.transcript import describe
from autograder.jail.inside.values import TensorData

_NOTHING = object()


def value(x: Any) -> Any:
    """The data of ``x``: for a handle, the object's own value, ``numpy()`` or ``data``; for a tensor, its array.

    Raises
    ------
    CheckFailed
        when the handle's object is not data.
    """
    if isinstance(x, list | tuple | dict):
        x = as_object(x)  # its parts may be objects, which have data of their own
    if isinstance(x, Handle):
        try:
            x = x.__session__.channel.request("value", x)
        except (StudentTimeout, StudentCrash):
            raise
        except StudentError as error:
            raise CheckFailed(error.message) from None
        if isinstance(x, Handle):
            raise CheckFailed(f"a {x.__type_name__} came back where data was expected")
    return x.array if isinstance(x, TensorData) else plain(x)


def as_numbers(x: Any, what: str = "the result") -> np.ndarray[Any, Any]:
    """The data of ``x`` as an array of numbers.

    Raises
    ------
    CheckFailed
        when the data is not numbers.
    """
    data = value(x)
    if isinstance(data, bool | int | float | complex | np.generic | np.ndarray | list | tuple):
        with suppress(CheckFailed):
            array = array_of(data)
            if array.dtype.kind in "biufc":
                return array
    raise CheckFailed(f"{what} must be numbers, but came back as {describe(data)}")


def assert_close(
    got: Any,
    expected: Any,
    *,
    what: str = "the result",
    rtol: float = 1e-7,
    atol: float = 1e-9,
    shape: bool = True,
    hint: str = "",
) -> None:
    """Check that ``got`` holds the expected numbers, in the expected shape unless ``shape`` is False.

    The tolerance is numpy's: ``|got - expected| <= atol + rtol * |expected|``.

    Raises
    ------
    CheckFailed
        when they differ; the message says what came back and at how many places it is wrong.
    """
    numbers, wanted = as_numbers(got, what), np.asarray(expected)
    if shape and numbers.shape != wanted.shape:
        raise CheckFailed(f"{what} must have shape {wanted.shape}, but has {numbers.shape}", hint)
    if numbers.size != wanted.size:
        raise CheckFailed(f"{what} must have {wanted.size} elements, but has {numbers.size}", hint)
    with np.errstate(all="ignore"):  # extreme numbers from a student are a wrong answer, not a platform fault
        near = np.isclose(numbers.ravel(), wanted.ravel(), rtol=rtol, atol=atol, equal_nan=True)
    if not near.all():
        raise CheckFailed(f"{what} is wrong{_where(numbers, ~near)}", hint)


def _where(numbers: np.ndarray[Any, Any], wrong: np.ndarray[Any, Any]) -> str:
    """At how many places numbers are wrong, the first of them, and what came back; of a large array only there."""
    if numbers.size == 1:
        return f"; what came back: {describe(numbers)}"
    first = np.unravel_index(int(wrong.argmax()), numbers.shape)
    came, index = describe(numbers), ", ".join(map(str, first))
    if came.startswith("array(shape="):
        came = f"{describe(numbers[first].item())} there, in an {came}"
    return f" at {wrong.sum()} of {wrong.size} places, the first at [{index}]; what came back: {came}"


def check(condition: object, must: str, *, got: Any = _NOTHING, hint: str = "") -> None:
    """Check one property. ``must`` says in words what must hold; the student sees it if the check fails.

    Raises
    ------
    CheckFailed
        when ``condition`` is false, or no plain truth value: an array, as after a comparison with a student's array,
        or an object or other data of the student's, which must not decide the result. A test that forgot
        ``value(handle)`` fails on the reference too.
    """
    if isinstance(condition, np.ndarray):
        raise CheckFailed(f"{must}; an array came back where one number was expected", hint)
    if not isinstance(condition, bool | np.bool_):
        raise CheckFailed(f"{must}; {describe(condition)} came back where one truth value was expected", hint)
    if not condition:
        came = (
            "" if got is _NOTHING else f"; what came back: {describe(value(got) if isinstance(got, Handle) else got)}"
        )
        raise CheckFailed(f"{must}{came}", hint)


@contextmanager
def raises(*types: str) -> Iterator[None]:
    """Check that the student's code raises an exception of one of these classes, given by name, or of a subclass.

    Raises
    ------
    CheckFailed
        when nothing is raised, or another exception. Timeouts and crashes pass through.
    """
    names = " or ".join(types)
    try:
        yield
    except (StudentTimeout, StudentCrash):
        raise
    except StudentError as error:
        if not set(types) & set(error.types):
            raise CheckFailed(f"must raise {names}, but raised {error}") from None
    else:
        raise CheckFailed(f"must raise {names}, but nothing was raised")


def same(one: Any, other: Any) -> bool:
    """Whether two handles refer to the same object. Always False if either value is data without an object behind."""
    one, other = as_object(one), as_object(other)
    if not (isinstance(one, Handle) and isinstance(other, Handle)):
        return False
    return one.__number__ == other.__number__


def base_type(x: Any) -> type:
    """The type of what came back, without the dress of a subclass: tuple for a named tuple, bool for ``np.True_``."""
    return type(x.item() if isinstance(x, np.generic) else plain(x))


def is_a(x: Any, *types: type) -> bool:
    """Whether what came back is of one of these types, in any ordinary dress. A bool is no int."""
    return base_type(x) in types


def type_name(x: Any) -> str:
    """The class name of a value that came back."""
    behind = as_object(x)
    return behind.__type_name__ if isinstance(behind, Handle) else type(x).__name__
