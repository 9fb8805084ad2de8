"""Are properties read from a file the same as those of the tests when they run?"""

from __future__ import annotations

import importlib
from pathlib import Path

from autograder.grading.properties import Property, properties_in
from tests.support.paths import ROOT


def test_they_are_those_of_the_functions() -> None:
    found = properties_in(ROOT / "autograder" / "graders" / "define_by_run")
    module = importlib.import_module("autograder.graders.define_by_run.test_backward")
    tests = {name: getattr(module, name) for name in dir(module) if name.startswith("test_")}
    assert tests
    for name, function in tests.items():
        assert found[f"test_backward.py::{name}"] == Property.of(function, name)


def test_a_file_that_is_not_python_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "test_bad.py").write_text("def test_x(:")
    (tmp_path / "test_worse.py").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "test_good.py").write_text('def test_some_thing():\n    """Hint: alone."""\n\ndef helper(): pass\n')
    assert list(properties_in(tmp_path)) == ["test_good.py::test_some_thing"]
