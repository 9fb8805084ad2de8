"""Converts a student's object to plain data."""

from __future__ import annotations

import sys

from autograder.jail.inside.dress import held
from autograder.jail.inside.frameworks import tensor_data
from autograder.jail.inside.values import MAX_DEPTH


def as_data(value: object, depth: int = 0) -> object:
    """An object as data: itself, the value of its base type, or its ``numpy()`` or ``data``.

    Raises
    ------
    TypeError
        when it has no such data.
    """
    numpy = sys.modules["numpy"]
    if isinstance(value, numpy.ndarray):
        if isinstance(value, numpy.ma.MaskedArray) and numpy.ma.getmaskarray(value).any():
            raise TypeError("an array with masked elements came where numbers were expected")
        array = numpy.array(value, subok=False)
        if array.dtype == object:
            raise TypeError("an array of Python objects came where numbers were expected")
        return array
    tensor = tensor_data(value, exact=False)
    if tensor is not None:
        return tensor
    for base in (int, float, str, bytes):
        if isinstance(value, base) and not isinstance(value, bool | numpy.generic):
            return held(value, base)
    if value is None or isinstance(value, bool | complex | numpy.generic):
        return value
    for container in (list, tuple):
        if isinstance(value, container) and depth < MAX_DEPTH:
            return container(as_data(v, depth + 1) for v in held(value, container))
    if isinstance(value, dict) and depth < MAX_DEPTH:
        return {as_data(k, depth + 1): as_data(v, depth + 1) for k, v in held(value, dict).items()}
    if depth < 3:
        for name in ("numpy", "data"):
            inner = getattr(value, name, None)
            inner = inner() if name == "numpy" and callable(inner) else inner
            if inner is not None and inner is not value and not isinstance(inner, memoryview):
                return as_data(inner, depth + 1)
    raise TypeError(f"a {type(value).__name__} came where data was expected")
