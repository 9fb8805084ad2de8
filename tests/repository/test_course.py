"""Does docs/course.md say what is so: which test exercises what, and how large each sprint is?"""

from __future__ import annotations

import ast
import re

import pytest

from autograder.authoring.pairing import ROOT, build
from autograder.course.sprint import graders_folder, slugs

SYSTEMS = (
    "survey", "numpy, define-by-run", "compile(graph)", "requires_grad", "nn.Module", "Chainer: `Variable`",
    "Chainer: a `Chain` whose forward takes a random branch", "placeholder", "feed_dict", "`Session`, `run`",
    "InteractiveSession", "eval", "with`, `close", "tf.cond", "tf.while_loop", "Eager execution",
    "assigns to variables run in order", "eager and graph mixed", "Keras: layers", "functional models",
    "21,840 parameters in PyTorch", "21,840 parameters in Keras", "21,840 parameters as a graph of TensorFlow 1",
    "Losses", "TensorBoard", "TensorFlow Lite", "over HTTP", "Device placement",
)  # fmt: skip
"""What the course is about, as words of the table's first column."""


def rows(page: str, head: str) -> list[list[str]]:
    """The rows of a table in a page, found by its heads, as their cells."""
    _, found, rest = (ROOT / page).read_text(encoding="utf-8").partition(f"{head}\n")
    assert found
    lines = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]


TABLE = rows("docs/course.md", "| system | hidden tests that exercise it |")
NAMED = [name for _, tests in TABLE for name in re.findall(r"`([^`]+::[^`]+)`", tests)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_a_test(system: str) -> None:
    """Is the system in one row of the table, with a hidden test that exercises it?"""
    found = [tests for name, tests in TABLE if system in name]
    assert len(found) == 1
    assert re.search(r"`\w+/test_\w+\.py::test_\w+`", found[0])


def test_every_row_is_a_system() -> None:
    """Is there no row that the list of systems does not know?"""
    assert [name for name, _ in TABLE if not any(system in name for system in SYSTEMS)] == []


@pytest.mark.parametrize("name", NAMED)
def test_the_named_test_exists(name: str) -> None:
    """Is there a hidden test of that name?"""
    path, _, test = name.partition("::")
    slug, _, file = path.partition("/")
    tree = ast.parse((graders_folder() / slug / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_page_lists_every_sprint() -> None:
    """Is there one row for each sprint, with its tasks and points, a time in minutes and its page?"""
    said = {}
    for slug, _, tasks, points, minutes, page in rows(
        "docs/course.md", "| sprint | teaches | tasks | points | minutes | instructor's page |"
    ):
        name = slug.strip("`")
        assert int(minutes) > 0
        assert page == f"[page](sprints/{name}.md)"
        said[name] = (int(tasks), float(points))
    assert said == {slug: size(slug) for slug in slugs()}


def size(slug: str) -> tuple[int, float]:
    """How many tasks a sprint has, each with a cell to write in, and how many points."""
    about = [cell.metadata.get("nbgrader", {}) for cell in build(slug).cells]
    tasks = sum(bool(settings.get("solution")) for settings in about)
    return tasks, sum(float(settings["points"]) for settings in about if settings.get("grade"))
