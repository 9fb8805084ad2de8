"""Do sprint 1's hidden tests accept what is right and catch what is wrong, test by test?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from autograder.course.pairing import ROOT, build
from autograder.course.sprint import GRADERS
from autograder.course.variants import chaffs, wheats
from tests.variants_graded import REFERENCE, UNSOLVED, Gradings, gradings

SLUG = "define_by_run"
SEED = "any seed will do"
WHEATS = {f"wheats/{variant.name}": variant for variant in wheats(SLUG)}
CHAFFS = {f"chaffs/{variant.name}": variant for variant in chaffs(SLUG)}
PUBLIC = "public_check"


def hidden_tests() -> set[str]:
    """The names of all hidden tests, as the graders' files have them."""
    return {
        f"{path.name}::{node.name}"
        for path in (GRADERS / SLUG).glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest) -> Iterator[Gradings]:
    """The results of the solutions that this session's tests ask for."""
    mine = [item for item in request.session.items if item.path == request.path]
    asked = [item.callspec.params["solution"] for item in mine if "solution" in getattr(item, "fixturenames", ())]
    with gradings(SLUG, dict.fromkeys(asked), SEED) as results:
        yield results


@pytest.fixture
def results(graded, solution):
    return graded[solution]


def failing(results):
    """The hidden tests that did not pass."""
    return {test.name for cell in results.cells for test in cell.tests if test.outcome != "passed"} & hidden_tests()


@pytest.mark.parametrize("solution", [REFERENCE])
def test_the_reference_earns_everything(results):
    """Are all tests passed, public checks included?"""
    tests = [test for cell in results.cells for test in cell.tests]
    assert [(test.name, test.message) for test in tests if test.outcome != "passed"] == []
    assert (results.score, results.status) == (results.max_score, "graded")


@pytest.mark.parametrize("solution", [REFERENCE])
def test_every_task_is_tested_for_its_points(results):
    """Has every grade cell a public check and hidden tests whose points add up to the cell's?"""
    worth = {
        about["grade_id"]: about["points"]
        for cell in build(SLUG).cells
        if (about := cell.metadata.get("nbgrader", {})).get("grade")
    }
    assert {cell.id: sum(test.max_points for test in cell.tests) for cell in results.cells} == worth
    assert {test.name for cell in results.cells for test in cell.tests if PUBLIC not in test.name} == hidden_tests()
    assert all(cell.tests[0].name.endswith(PUBLIC) for cell in results.cells)
    assert 20 <= results.max_score <= 40


@pytest.mark.parametrize("solution", [UNSOLVED])
def test_the_unsolved_notebook_earns_nothing(results):
    """Does no test pass on what students are given?"""
    assert failing(results) == hidden_tests()
    assert (results.score, results.status) == (0, "graded")


@pytest.mark.parametrize("solution", WHEATS)
def test_other_right_solutions_earn_everything(results):
    """Is every legitimate choice accepted?"""
    tests = [test for cell in results.cells for test in cell.tests]
    assert [(test.name, test.message) for test in tests if test.outcome != "passed"] == []
    assert results.score == results.max_score


@pytest.mark.parametrize("solution", CHAFFS)
def test_wrong_solutions_are_caught_by_the_tests_they_name(results, solution):
    """Do exactly these tests fail, and none of them through a fault of ours?"""
    assert failing(results) == set(CHAFFS[solution].caught_by)
    assert results.status == "graded"
    assert results.score < results.max_score


def test_every_hidden_test_catches_something():
    """Is each test named by a wrong solution?"""
    named = {test for chaff in CHAFFS.values() for test in chaff.caught_by}
    assert named == hidden_tests()


def test_there_are_enough_of_each():
    """Is the course's list of right and wrong solutions covered in number?"""
    assert len(WHEATS) >= 4
    assert len(CHAFFS) >= 14


def test_the_instructors_page_names_them_all():
    """Does docs/sprints/define_by_run.md list every hidden test and every variant?"""
    page = (ROOT / "docs" / "sprints" / f"{SLUG}.md").read_text()
    names = {test.partition("::")[2] for test in hidden_tests()} | {v.name for v in (WHEATS | CHAFFS).values()}
    assert {name for name in names if f"| `{name}` |" not in page} == set()
