"""Does the check that students run in their own CI install what the course's notebooks import?"""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder.authoring.pairing import ROOT, script_path
from autograder.course.sprint import find_sprint, slugs
from autograder.environments import environment_of

LISTED = ROOT / "docs" / "ci" / "student" / "requirements.txt"
SPRINTS = [slug for slug in slugs() if environment_of(find_sprint(slug, ROOT)) is None]


def normal(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(requirements: Path) -> set[str]:
    """What is installed by a list of requirements: what it names, and what that needs here."""
    lines = requirements.read_text().splitlines()
    left = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found: set[str] = set()
    while left:
        wanted = left.pop()
        name = normal(wanted.name)
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            left += map(Requirement, requires(name) or ())
        except PackageNotFoundError:
            pytest.fail(f"{name} is listed, and not installed here")
    return found


def imported(source: str) -> set[str]:
    """The packages that a text imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("slug", SPRINTS)
def test_what_a_sprint_imports_is_installed(slug: str) -> None:
    """By the released notebook, and by the reference, whose packages a solution needs as well."""
    there, distributions = brought(LISTED), packages_distributions()
    missing = {
        name
        for name in imported(script_path(slug).read_text())
        if not there & {normal(distribution) for distribution in distributions.get(name, [name])}
    }
    assert missing == set()
