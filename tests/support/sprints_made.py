"""A sprint of one's own in a folder of its own, released: what `autograder new-sprint` lays out, changed at will."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.new_sprint import new_sprint
from autograder.authoring.outline import variant_files
from autograder.authoring.pairing import script_path, sync
from autograder.course.sprint import Sprint
from tests.support.releases import generate

SLUG = "throw_away"


def make_sprint(root: Path) -> Sprint:
    """Lay the sprint out and release it."""
    new_sprint(SLUG, root)
    release(root)
    return sprint_in(root)


def sprint_in(root: Path) -> Sprint:
    """Where its parts are."""
    return Sprint(SLUG, graders_in(root), root / "assignments" / SLUG / f"{SLUG}.ipynb")


def release(root: Path) -> None:
    """What `make release` does."""
    sync(SLUG, root)
    generate(SLUG, root, root / "assignments")


def graders_in(root: Path) -> Path:
    """Its folder of hidden tests."""
    return root / "graders" / SLUG


def grader_in(root: Path) -> Path:
    """Its file of hidden tests."""
    return graders_in(root) / "test_first_task.py"


def replace(path: Path, old: str, new: str) -> None:
    """Change a file; the old text must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def variant(root: Path, kind: str, name: str, docstring: str, source: str) -> None:
    """Write a wheat or a chaff."""
    path = root / "reference" / SLUG / kind / f"{name}.py"
    path.write_text(f'"""{docstring}"""\n\n\n# %% solve_first_task\n{source}')


def with_a_gradient(root: Path) -> Sprint:
    """The same sprint, whose task is the vector-Jacobian product of a square, and one wrong solution for it."""
    sprint = make_sprint(root)
    script = script_path(SLUG, root)
    replace(script, "def mean(x):", "def vjp(x, g):")
    begin, end = "    if x.size == 0:\n", "    return x.sum() / x.size\n"
    text = script.read_text()
    text = text[: text.index(begin)] + "    return 2 * x * g\n" + text[text.index(end) + len(end) :]
    check = 'mean(np.array([1.0, 2.0, 6.0])) == 3.0, "the mean of 1, 2 and 6 is 3"'
    script.write_text(text.replace(check, 'vjp(3.0, 1.0) == 6.0, "6"'))
    grader_in(root).write_text(GRADIENT_TESTS)
    script.with_name("promises.toml").unlink()
    for kind in ("wheats", "chaffs"):
        for path in variant_files(root / "reference" / SLUG / kind):
            path.unlink()
    variant(root, "wheats", "another_way", "The other way round.", "def vjp(x, g):\n    return g * (x + x)\n")
    caught = "Forgets the upstream gradient.\n\nCaught by:\n    test_first_task.py::test_gradient\n"
    variant(root, "chaffs", "upstream_ignored", caught, "def vjp(x, g):\n    return 2 * x\n")
    release(root)
    return sprint


GRADIENT_TESTS = '''
import numpy as np
import pytest

from autograder.grading import assert_close


@pytest.mark.points(3)
def test_gradient(student, rng):
    """The gradient of x**2 is 2x times what comes from above.

    Hint: the chain rule.
    """
    x, g = rng.normal(size=4), rng.normal(size=4)
    assert_close(student.vjp(x, g), 2 * x * g, what="the gradient")
'''
