"""Do enough hidden tests have a public example, each short enough to be read?"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from autograder.course.sprint import PACKAGE, slugs
from autograder.grading.examples import Example, problem_of

ENOUGH = 2 / 3


def declared(slug: str) -> Iterator[Example | None]:
    """The example of each hidden test of a sprint, or None."""
    for path in sorted((PACKAGE / "graders" / slug).glob("test_*.py")):
        module = importlib.import_module(f"autograder.graders.{slug}.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                marks = [mark for mark in test.pytestmark if mark.name == "example"]
                yield Example(marks[0].args[0].strip(), **marks[0].kwargs) if marks else None


def test_two_thirds_of_all_hidden_tests_have_one() -> None:
    found = [example for slug in slugs() for example in declared(slug)]
    assert len(found) > 400
    assert sum(example is not None for example in found) >= ENOUGH * len(found)


@pytest.mark.parametrize("slug", slugs())
def test_each_can_be_read(slug: str) -> None:
    assert [problem for one in declared(slug) if one is not None and (problem := problem_of(one))] == []
