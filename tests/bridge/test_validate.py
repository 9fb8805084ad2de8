"""Are notebooks that are validated executed by the policy, by the command and by the button?"""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest

from tests.support.builders import code, graded, notebook, solution
from tests.support.courses import command, python
from tests.support.jails import needs_sandbox
from tests.support.stock_courses import OURS

pytestmark = needs_sandbox
MISSING = "from autograder.jail import bubblewrap\nbubblewrap.missing = lambda: 'bubblewrap is missing: install it'\n"
BUTTON = """
    import sys
    from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler
    class Handler(ValidateAssignmentHandler):
        def __init__(self): pass
        root_dir = "."
        import logging; log = logging.getLogger("server")
    Handler().load_config()  # as the formgrader does when the server starts
    print(Handler().validate_notebook(sys.argv[1]))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course, and a notebook that looks where it is and leaves a file."""
    (tmp_path / "nbgrader_config.py").write_text(OURS + "c.GradeNotebook.sandbox = 'required'\n")
    (tmp_path / "data.txt").write_text("2")
    look = "import os\nopen('written.txt', 'w').write('x')\nassert os.getppid() == 1, 'not in a jail'"
    nb = notebook(
        code(look, "look"),
        solution("answer", "x = 0.5"),
        graded("place", 1, "assert os.getppid() == 1, 'not in a jail'\nassert open('data.txt').read() == '2'"),
        graded("why", 1, "assert os.environ['NBGRADER_VALIDATING'] == '1', 'it does not know'"),
        graded("part", 1, "import numpy\nnumpy.float64(x)"),
    )
    nbformat.write(nb, tmp_path / "work.ipynb")
    return tmp_path


def configure(root: Path, *lines: str, first: str = "") -> None:
    (root / "nbgrader_config.py").write_text("\n".join([first + OURS, *lines, ""]))


def test_the_command_executes_in_a_jail_and_leaves_nothing(root: Path) -> None:
    before = sorted(os.listdir(root))
    said = command(root, "validate", "work.ipynb")
    assert "not in a jail" not in said.replace("assert os.getppid() == 1, 'not in a jail'", "")
    assert "FAILED ON 1 CELL" in said, "partial credit by a number of numpy's"
    assert "Partial credit" in said
    assert sorted(os.listdir(root)) == sorted([*before, "course"])


def test_off_executes_as_the_user_and_says_so(root: Path) -> None:
    """The protection taken out."""
    configure(root, "c.GradeNotebook.sandbox = 'off'")
    said = command(root, "validate", "work.ipynb")
    assert "AssertionError: not in a jail" in said
    assert "sandbox: off, the notebook could read what you can read" in said
    assert (root / "written.txt").exists()


def test_without_the_sandbox_the_command_refuses_in_one_line(root: Path) -> None:
    configure(root, "c.GradeNotebook.sandbox = 'required'", first=MISSING)
    said = command(root, "validate", "work.ipynb", status=1)
    line = "nothing was validated: the sandbox is required but not available: bubblewrap is missing: install it"
    assert said.count(line) == 1
    assert "Traceback" not in said
    configure(root, "c.GradeNotebook.sandbox = 'preferred'", first=MISSING)
    said = command(root, "validate", "work.ipynb")
    assert said.count("sandbox: none, the notebook could read what you can read") == 1


def test_the_button_does_the_same(root: Path) -> None:
    said = python(root, "-c", dedent(BUTTON), "work.ipynb")
    assert "'success': True" in said
    assert "Partial credit" in said
    assert "AssertionError" not in said
    configure(root, "c.GradeNotebook.sandbox = 'required'", first=MISSING)
    said = python(root, "-c", dedent(BUTTON), "work.ipynb").strip().splitlines()[-1]
    assert said.startswith("{'success': False")
    assert "nothing was validated: the sandbox is required" in said
    assert "Traceback" not in said
