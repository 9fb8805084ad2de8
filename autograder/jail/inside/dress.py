"""What an instance of a subclass of list, tuple, dict, str, int, float, complex, bytes or ndarray holds.

A named tuple is a tuple, a defaultdict a dict, ``torch.Size`` a tuple. What such a value holds is read by the base
type's own methods; those of the subclass are not called. The code runs in the student's process, so it is no
protection: that is on the trusted side, where only the base type's data arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.jail.inside.values import crosses

BASES: tuple[type, ...] = (tuple, list, dict, str, int, float, complex, bytes)
MAX_DRESSED = 200_000
"""The most values in one dressed container; a larger one stays an object."""
STUDENTS = "__main__"
"""The module of classes that the notebook defines."""
ACTS = frozenset(
    f"__{side}{name}__"
    for side in ("", "r", "i")
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul", "and", "or", "xor", "lshift",
        "rshift",
    )
) | {"__neg__", "__pos__", "__abs__", "__invert__", "__call__", "__enter__", "__next__", "__array_ufunc__",
     "__array_function__"}  # fmt: skip
"""Methods by which a class does something of its own: its instances are objects, and not only what they hold."""


_SCALARS: dict[type, Callable[[Any], object]] = {
    str: str.__str__,
    bytes: bytes.__bytes__,
    int: int.__pos__,
    float: float.__pos__,
}


def undressed(value: object, objects: set[type]) -> object:
    """The value of the base type that ``value`` holds; None when it is no instance of a subclass, or is an object.

    An object is an instance of one of the classes in ``objects``, those that a test has asked for by name; of a class
    of the notebook's with methods of :data:`ACTS`; and an array with masked elements, which a plain array cannot show.
    """
    kind = type(value)
    mro = type.__dict__["__mro__"].__get__(kind)
    # by identity: a metaclass may answer comparisons
    identities = set(map(id, mro))
    if not identities.isdisjoint(map(id, objects)):
        return None
    if any(one.__dict__.get("__module__") == STUDENTS and not ACTS.isdisjoint(one.__dict__) for one in mro):
        return None
    if isinstance(value, np.ndarray):
        return _array(value)
    for base in BASES:
        if id(base) in identities and kind is not base:
            return held(value, base)
    return None


def _array(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        return None
    array = np.array(value, subok=False)
    return array if crosses(array.dtype) else None


def held(value: Any, base: type) -> Any:
    """What an instance of ``base`` or of a subclass holds, by the base type's own methods."""
    if base is dict:
        return dict(dict.items(value))
    if base is list or base is tuple:
        return base(base.__iter__(value))
    if base is complex:
        return complex(complex.__dict__["real"].__get__(value), complex.__dict__["imag"].__get__(value))
    return _SCALARS[base](value)
