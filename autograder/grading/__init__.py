"""The trusted side of grading: tests, oracles, results. Hidden tests import from this package.

A name is imported when it is asked for (PEP 562): commands that only read results need none of what tests work with.
So no module of this package may be called like one of these names.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.errors import CheckFailed, StudentError
    from autograder.grading.assertions import (
        as_numbers,
        assert_close,
        base_type,
        check,
        is_a,
        raises,
        same,
        type_name,
        value,
    )
    from autograder.grading.clean_room.artifacts import read_folder
    from autograder.grading.handles import keep
    from autograder.grading.probes import probe
    from autograder.grading.transcript import describe
    from autograder.jail.inside.values import TensorData

__all__ = [
    "CheckFailed",
    "StudentError",
    "TensorData",
    "as_numbers",
    "assert_close",
    "base_type",
    "check",
    "describe",
    "is_a",
    "keep",
    "probe",
    "raises",
    "read_folder",
    "same",
    "type_name",
    "value",
]
_ELSEWHERE = {
    "CheckFailed": "autograder.errors",
    "StudentError": "autograder.errors",
    "TensorData": "autograder.jail.inside.values",
    "describe": "autograder.grading.transcript",
    "keep": "autograder.grading.handles",
    "probe": "autograder.grading.probes",
    "read_folder": "autograder.grading.clean_room.artifacts",
}
_MOST = "autograder.grading.assertions"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_ELSEWHERE.get(name, _MOST)), name)
    globals()[name] = found
    return found
