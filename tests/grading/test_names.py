"""The names that hidden tests import are there, whatever has been imported before; importing results brings in none."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import autograder.grading
from autograder.grading import __all__ as names


def test_every_name_is_found_and_is_no_module() -> None:
    for name in names:
        assert not inspect.ismodule(getattr(autograder.grading, name)), name


def test_no_module_is_called_like_a_name() -> None:
    """Once imported it would be found in place of the name."""
    here = Path(inspect.getfile(autograder.grading)).parent
    assert not {path.stem for path in here.iterdir()} & set(names)


def test_another_name_is_an_error() -> None:
    name = "no_such_name"
    with pytest.raises(AttributeError, match=name):
        getattr(autograder.grading, name)


def test_reading_results_imports_nothing_that_tests_work_with() -> None:
    program = "import sys, autograder.grading.results; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=True).stdout.split()
    assert "numpy" not in loaded
    assert "autograder.grading.assertions" not in loaded
