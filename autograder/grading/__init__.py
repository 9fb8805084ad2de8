"""The trusted side of grading: tests, oracles, results. Hidden tests import from this package."""

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
from autograder.grading.probe import probe

__all__ = [
    "CheckFailed",
    "StudentError",
    "as_numbers",
    "assert_close",
    "base_type",
    "check",
    "is_a",
    "keep",
    "probe",
    "raises",
    "read_folder",
    "same",
    "type_name",
    "value",
]
