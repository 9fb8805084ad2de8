"""A throw-away course of one's own: its hidden tests are outside of the package, with a module that they share."""

from __future__ import annotations

from pathlib import Path

import nbformat

from tests.support import tiny

CONFIG = """
from pathlib import Path
from autograder.bridge.config import configure

configure(get_config(), Path(__file__).resolve().parent)
"""
ORACLE = "def doubled(x):\n    return x + x\n"
DOUBLE = tiny.DOUBLE.replace("import pytest\n", "import pytest\nfrom .oracles import doubled\n", 1).replace(
    "2 * x,", "doubled(x),"
)
"""A course's hidden tests may share a module that lies beside them."""


def make_course(root: Path) -> Path:
    """Configuration, source, release and hidden tests of the throw-away sprint, laid out as a course of one's own."""
    tiny.write_course(root, graders=tiny.GRADERS | {"double": DOUBLE})
    (root / "autograder" / "graders").rename(root / "graders")
    (root / "autograder").rmdir()
    (root / "graders" / "tiny" / "oracles.py").write_text(ORACLE)
    (root / "nbgrader_config.py").write_text(CONFIG)
    source = root / "source" / "tiny" / "tiny.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(tiny.released(), source)
    return root
