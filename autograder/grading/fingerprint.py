"""A short text that identifies what graded a submission: digests of the platform's code and the hidden tests."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from autograder.course.sprint import PACKAGE
from autograder.environments import find_environment

_LEFT_OUT = ("__pycache__", ".pytest_cache")


def fingerprint(graders: Path, environment: str = "") -> str:
    """The fingerprint; it is the same on every machine with the same code and the same tests.

    ``graders``: the folder of a sprint's hidden tests. The modules beside it, which all sprints share, are included.
    ``environment``: the name of the sprint's own environment, if it has one.

    Raises
    ------
    BadInput
        when there is no environment with that name.
    """
    tests = _digest([*graders.rglob("*"), *graders.parent.glob("*.py")], graders.parent)
    known = f"platform {platform_digest()}, graders {tests}"
    return f"{known}, environment {find_environment(environment).key}" if environment else known


@functools.cache
def platform_digest() -> str:
    """A digest of the package without the hidden tests. It is cached, since the process has already loaded the code."""
    return _digest((path for path in PACKAGE.rglob("*") if not path.is_relative_to(PACKAGE / "graders")), PACKAGE)


def _digest(paths: Iterable[Path], top: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file() and not set(path.parts).intersection(_LEFT_OUT):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(top).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]
