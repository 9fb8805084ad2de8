"""Do every sprint's hidden tests accept what is right and catch what is wrong, test by test?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.audit.audit import covering
from autograder.audit.structure import all_tests
from autograder.authoring.outline import variant_files
from autograder.authoring.pairing import ROOT, build
from autograder.authoring.variants import chaffs, find_variant, wheats
from autograder.course.sprint import find_sprint, graders_folder, slugs
from autograder.environments import lacking_for
from autograder.grading.results import Results
from autograder.jail.gpus import gpu_count
from autograder.notebook.cells import is_written_answer
from tests.support.variants_graded import REFERENCE, UNSOLVED, NamedGradings, gradings

SEED = "any seed will do"
SPRINTS = slugs()


def names_of(kind: str) -> list[str]:
    """All variants of a kind, by name. They are read where a test needs them: there are over a thousand."""
    return [
        f"{slug}/{kind}/{path.stem}" for slug in SPRINTS for path in variant_files(ROOT / "reference" / slug / kind)
    ]


WHEATS, CHAFFS = names_of("wheats"), names_of("chaffs")
FAST = {f"define_by_run/chaffs/{chaff.name}" for chaff in covering(chaffs("define_by_run"))}
"""Wrong solutions that are graded in every run: a few on which, together, every test of that sprint fails."""
FAST_WHEATS = {name for name in WHEATS if name.startswith("define_by_run/")} | {
    min(name for name in WHEATS if name.startswith(f"{slug}/")) for slug in SPRINTS
}
"""Other right solutions that are graded in every run: all of that sprint, and one of each other."""
PUBLIC = "public_check"
LACKING = {slug: lacking_for(find_sprint(slug, ROOT)) for slug in SPRINTS}
"""Why a sprint cannot be graded here: it has an environment of its own, and that is not built."""


def sprint_of(solution: str) -> str:
    """The slug a solution begins with."""
    return solution.partition("/")[0]


def to_grade(solution: str, slow: bool = False) -> object:
    """A solution as a test's parameter, skipped where its sprint cannot be graded."""
    lacking = LACKING[sprint_of(solution)]
    skipped = pytest.mark.skipif(lacking is not None, reason=str(lacking))
    return pytest.param(solution, marks=[skipped, pytest.mark.slow] if slow else skipped)


references = pytest.mark.parametrize("solution", [to_grade(f"{slug}/{REFERENCE}") for slug in SPRINTS])
every_sprint = pytest.mark.parametrize("slug", SPRINTS)


def hidden_tests(slug: str) -> set[str]:
    """The names of all hidden tests, as the graders' files have them."""
    return all_tests(find_sprint(slug))


def gpu_tests(slug: str) -> set[str]:
    """The names of those that need a GPU."""
    return {
        f"{path.name}::{node.name}"
        for path in (graders_folder() / slug).glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and "pytest.mark.gpu" in map(ast.unparse, node.decorator_list)
    }


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest) -> Iterator[NamedGradings]:
    """The results of the solutions that this session's tests ask for."""
    mine = [item for item in request.session.items if item.path == request.path]
    asked = [item.callspec.params["solution"] for item in mine if "solution" in getattr(item, "fixturenames", ())]
    with gradings(dict.fromkeys(name for name in asked if not LACKING[sprint_of(name)]), SEED) as results:
        yield results


@pytest.fixture
def results(graded: NamedGradings, solution: str) -> Results:
    return graded[solution]


def failing(results: Results) -> set[str]:
    """The hidden tests that ran and did not pass."""
    tests = {test.name for test in results.tests if test.outcome not in ("passed", "pending")}
    return tests & hidden_tests(results.sprint)


def waiting(results: Results) -> set[str]:
    """The tests that are open: those that need a GPU, where there is none, and no others."""
    tests = [test for test in results.tests if test.outcome == "pending"]
    on_gpu = {test.name for test in tests}
    assert on_gpu == (set() if gpu_count() else gpu_tests(results.sprint))
    return {test.name for test in tests}


def decided(results: Results) -> tuple[float, str]:
    """The points of what is not open, and the status that goes with it."""
    waits = waiting(results)
    points = sum(test.max_points for test in results.tests if test.name not in waits)
    return points, "pending" if waits or results.to_read else "graded"


@references
def test_the_reference_earns_everything(results: Results) -> None:
    """Are all tests passed, public checks included, but for those that wait for a GPU?"""
    tests = [test for test in results.tests if test.name not in waiting(results)]
    assert [(test.name, test.message) for test in tests if test.outcome != "passed"] == []
    assert (results.score, results.status) == decided(results)


@references
def test_every_task_is_tested_for_its_points(results: Results, solution: str) -> None:
    """Has every grade cell a public check and hidden tests whose points add up to its own, or a person's?"""
    slug = sprint_of(solution)
    worth = {
        about["grade_id"]: about["points"]
        for cell in build(slug).cells
        if (about := cell.metadata.get("nbgrader", {})).get("grade")
    }
    assert {cell.id: sum(test.max_points for test in cell.rows) for cell in results.cells} == worth
    tested = [cell for cell in results.cells if not cell.by_hand]
    assert {test.name for cell in tested for test in cell.tests if PUBLIC not in test.name} == hidden_tests(slug)
    assert all(cell.tests[0].name.endswith(PUBLIC) for cell in tested)
    assert 20 <= results.max_score <= 40


@pytest.mark.parametrize("solution", [to_grade(f"{slug}/{UNSOLVED}") for slug in SPRINTS])
def test_the_unsolved_notebook_earns_nothing(results: Results, solution: str) -> None:
    """Does no test pass on what students are given?"""
    assert failing(results) == hidden_tests(sprint_of(solution)) - waiting(results)
    assert (results.score, results.status) == (0, decided(results)[1])


@pytest.mark.parametrize("solution", [to_grade(name, slow=name not in FAST_WHEATS) for name in WHEATS])
def test_other_right_solutions_earn_everything(results: Results) -> None:
    """Is every legitimate choice accepted?"""
    tests = [test for test in results.tests if test.name not in waiting(results)]
    assert [(test.name, test.message) for test in tests if test.outcome != "passed"] == []
    assert results.score == decided(results)[0]


@pytest.mark.parametrize("solution", [to_grade(name, slow=name not in FAST) for name in CHAFFS])
def test_wrong_solutions_are_caught_by_the_tests_they_name(results: Results, solution: str) -> None:
    """Do exactly these tests fail, and none of them through a fault of ours? What waits for a GPU is left out."""
    slug = sprint_of(solution)
    due = set(find_variant(slug, solution.removeprefix(f"{slug}/")).caught_by) - waiting(results)
    assert failing(results) == due
    assert results.status == decided(results)[1]
    assert (results.score < decided(results)[0]) == bool(due)


@every_sprint
def test_every_hidden_test_catches_something(slug: str) -> None:
    """Is each test named by a wrong solution?"""
    named = {test for chaff in chaffs(slug) for test in chaff.caught_by}
    assert named == hidden_tests(slug)


@every_sprint
def test_there_are_enough_of_each(slug: str) -> None:
    """Is the course's list of right and wrong solutions covered in number?"""
    assert len(wheats(slug)) >= 4
    assert len(chaffs(slug)) >= 16


@every_sprint
def test_the_instructors_page_names_them_all(slug: str) -> None:
    """Does docs/sprints list every hidden test and every variant?"""
    page = Path(ROOT / "docs" / "sprints" / f"{slug}.md").read_text()
    variants = wheats(slug) + chaffs(slug)
    names = {test.partition("::")[2] for test in hidden_tests(slug)} | {variant.name for variant in variants}
    assert {name for name in names if f"| `{name}` |" not in page} == set()


@every_sprint
def test_the_instructors_page_has_a_rubric_for_every_written_answer(slug: str) -> None:
    """Does the page say what each of its points is given for, and show an answer at each level?"""
    page = Path(ROOT / "docs" / "sprints" / f"{slug}.md").read_text()
    for cell in filter(is_written_answer, build(slug).cells):
        about = cell.metadata["nbgrader"]
        points = int(about["points"])
        _, heading, rest = page.partition(f"### {about['grade_id']} – {points} points, by hand\n")
        rubric = rest.partition("\n### ")[0]
        assert heading
        assert sum(line.startswith("| 1 |") for line in rubric.splitlines()) == points
        for level in range(points + 1):
            assert f"**{level} of {points}" in rubric
