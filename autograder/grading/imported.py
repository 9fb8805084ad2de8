"""Which hidden tests this process has imported, so that it never grades with others of the same name or an older text.

Python keeps a module under its name. A worker of a cluster lives long enough to meet new graders, and a process that
grades for several courses meets sprints with one name in several folders.
"""

from __future__ import annotations

import sys
from pathlib import Path

_imported: dict[Path, str] = {}
"""The folders of hidden tests that were graded with, and what their fingerprint was then."""


def forget_others(graders: Path, fingerprint: str) -> None:
    """Import a sprint's hidden tests, and what they share, anew unless this very text was imported last."""
    graders = graders.resolve()
    for known, was in list(_imported.items()):
        if known.name == graders.name and (known, was) != (graders, fingerprint):
            _forget(known.parent)
            del _imported[known]
    _imported[graders] = fingerprint


def _forget(folder: Path) -> None:
    """Forget every module that lies in a folder."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).resolve().is_relative_to(folder):
            del sys.modules[name]
