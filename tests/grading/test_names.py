"""The names that hidden tests import are there, whatever has been imported before; importing results brings in none."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import autograder.grading
from autograder.course.sprint import graders_folder
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


def test_hidden_tests_import_nothing_else_of_the_platform() -> None:
    """What they are run with in its place, as by the benchmarks in a kernel, has to know these names only."""
    files = list(graders_folder().rglob("*.py"))
    imports = [(path, node) for path in files for node in ast.walk(ast.parse(path.read_text()))]
    from_platform = {
        f"{path.parent.name}/{path.name}: {node.module}"
        for path, node in imports
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("autograder.")
        if node.module != "autograder.grading" and not str(node.module).startswith("autograder.graders")
    }
    assert files
    assert from_platform == set()
