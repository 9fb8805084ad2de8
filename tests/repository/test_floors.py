"""Do imports run down only, and does what crosses into the jail need nothing of the platform's?"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.sprint import PACKAGE

INSIDE = "autograder.jail.inside"
ALLOWED = {"numpy", "msgpack", *sys.stdlib_module_names}
"""What the modules of the inside may import, besides each other."""


def foreign(folder: Path) -> Iterator[str]:
    """What the modules in a folder import and the inside may not, by file and name."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            else:
                continue
            for name in names:
                if name.partition(".")[0] not in ALLOWED and not f"{name}.".startswith(f"{INSIDE}."):
                    yield f"{path.name}: {name}"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the package in a folder against the contracts in pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    surroundings = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=surroundings, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its contracts, in a folder where imports may be turned round."""
    root = tmp_path_factory.mktemp("floors")
    shutil.copytree(PACKAGE, root / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE.parent / "pyproject.toml", root)
    return root


def test_imports_keep_to_the_floors(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("course/seed.py", "from autograder.jail import warm", "no import runs up BROKEN"),
        ("jail/lane.py", "from autograder.grading import limits", "no import runs up BROKEN"),
        ("reports/junit.py", "from autograder.jail import gpus", "a report needs no jail and no gradebook BROKEN"),
        ("grading/run.py", "from autograder.grading import plugin", "there is no circle BROKEN"),
        ("notebook/cells.py", "from autograder.notebook import read", "there is no circle BROKEN"),
    ],
)
def test_an_import_that_is_turned_round_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    path = copy / "autograder" / module
    before = path.read_text()
    try:
        path.write_text(f"{before}\n\ndef turned_round() -> None:\n    {line}\n")
        done = lint(copy)
    finally:
        path.write_text(before)
    assert done.returncode == 1
    assert contract in done.stdout


def test_what_crosses_into_the_jail_needs_nothing_else() -> None:
    assert list(foreign(PACKAGE / "jail" / "inside")) == []


@pytest.mark.parametrize(
    "line", ["import torch", "from autograder.errors import BadInput", "from autograder import text"]
)
def test_what_it_must_not_import_is_found(line: str, tmp_path: Path) -> None:
    (tmp_path / "wire.py").write_text(f"import numpy as np\n\n\ndef late() -> None:\n    {line}\n")
    assert len(list(foreign(tmp_path))) == 1
