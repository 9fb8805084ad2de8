"""Data that came in the dress of a subclass: on this side it is data of the base type, with the object behind it.

A named tuple that a student returns arrives as a tuple: comparing, indexing, iterating and arithmetic are the base
type's own, on what has crossed. Only an attribute that the base type does not have, such as a field's name, is asked of
the student's object. Passed back to the student's code, it is that object again.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import _pytest
import numpy as np
import pytest

from autograder.jail.inside.dress import BASES

_STANDARD = os.path.join(os.path.dirname(os.__file__), "")
_LIBRARIES = tuple(os.path.join(os.path.dirname(str(module.__file__)), "") for module in (np, pytest, _pytest))
"""Where code lies that asks any value for attributes: ``np.any(x)`` calls ``x.any`` if there is one."""


def asked_by_a_library() -> bool:
    """Whether the caller of our caller is a library's code, and no test's.

    A ``__getattr__`` calls it: the answer would be the student's own, and the library would decide by it.
    """
    file = sys._getframe(2).f_code.co_filename
    return file.startswith(_LIBRARIES) or (file.startswith(_STANDARD) and "-packages" not in file)


class _Dressed:
    """What all dressed types have. The object behind is a handle; nothing here calls it unless a test asks."""

    def __getattr__(self, name: str) -> Any:
        behind = object_behind(self)
        if behind is None or (name.startswith("__") and name.endswith("__")) or asked_by_a_library():
            raise AttributeError(name)
        return getattr(behind, name)

    def __setattr__(self, name: str, new: object) -> None:
        behind = object_behind(self)
        if behind is None or hasattr(type(self), name):  # such as the shape of an array
            super().__setattr__(name, new)
        else:
            setattr(behind, name, new)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return plain, (plain(self),)  # a copy is a copy of the data


def _dressed(base: type) -> type:
    return type(base.__name__, (_Dressed, base), {})


_TYPES = {base: _dressed(base) for base in (*BASES, np.ndarray)}


def dress(data: Any, behind: object) -> Any:
    """The data, with the object behind it; an integer of more than 64 bits is the data alone.

    numpy takes such an integer for an object, and ``np.sqrt`` calls the object's ``sqrt``, from no library's frame.

    Raises
    ------
    KeyError
        when it is not of a type that has subclasses as its dress.
    """
    kind = _TYPES[type(data)]
    if kind is _TYPES[int] and not -(2**63) <= data < 2**64:
        return data
    value = data.view(kind) if isinstance(data, np.ndarray) else kind(data)
    value.__dict__["behind"] = behind
    return value


def object_behind(value: object) -> Any:
    """The handle on the object that this data is the content of; None for any other value."""
    return value.__dict__.get("behind") if isinstance(value, _Dressed) else None


def as_object(value: Any) -> Any:
    """The handle on the object behind the data; any other value as it is."""
    behind = object_behind(value)
    return value if behind is None else behind


def plain(value: Any) -> Any:
    """The value of the base type; any other value as it is."""
    if not isinstance(value, _Dressed):
        return value
    base = type(value).__mro__[2]
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else base(value)
