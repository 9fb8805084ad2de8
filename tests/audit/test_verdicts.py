"""Does a finding say with how many of the seeds that a test ran with something is so?"""

from __future__ import annotations

from autograder.audit.audited import REFERENCE, UNSOLVED, Audit
from autograder.audit.seeds import SEEDS
from autograder.audit.verdicts import of_right, of_wrong
from autograder.authoring.variants import Variant
from autograder.course.sprint import find_sprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult

NAMED, OTHER = "test_a.py::test_named", "test_a.py::test_other"


def graded(*, named: bool, other: bool) -> Results:
    """The results of a solution that passes what is true."""
    outcomes = {NAMED: named, OTHER: other}
    tests = [
        TestResult(name, name, Outcome.PASSED if passes else Outcome.FAILED, float(passes), 1.0, f"{name} said so.")
        for name, passes in outcomes.items()
    ]
    return Results("define_by_run", "some.ipynb", [CellResult("a", 2.0, tests)])


def audit() -> Audit:
    """An audit whose wrong solution and blank notebook fail both tests, so that nothing but seeds is a finding."""
    none, both = graded(named=False, other=False), graded(named=True, other=True)
    done = Audit(find_sprint("define_by_run"), fast=True, tests=[NAMED, OTHER])
    done.right, done.wrong = {REFERENCE: both}, {UNSOLVED: none, "chaffs/one": none}
    return done


def test_a_named_test_is_counted_over_all_seeds() -> None:
    by_seed = {seed: graded(named=place != 7, other=True) for place, seed in enumerate(SEEDS)}
    chaff = Variant("one", "One.", (NAMED,), {})
    (found,) = of_wrong(audit(), {"chaffs/one": by_seed}, {"one": chaff})
    assert str(found).endswith(f"{NAMED} is named and does not fail with 19 of 20 seeds (audit 0, audit 1, audit 2 …)")


def test_another_test_is_counted_over_the_few_seeds_with_which_it_ran() -> None:
    """With the others its result is the one with the first seed, copied."""
    by_seed = {seed: graded(named=False, other=seed != SEEDS[2]) for seed in SEEDS}
    chaff = Variant("one", "One.", (NAMED,), {})
    (found,) = of_wrong(audit(), {"chaffs/one": by_seed}, {"one": chaff})
    assert str(found).endswith(f"{OTHER} fails and is not named with 1 of 3 seeds (audit 2)")


def test_a_right_solution_is_counted_over_all_seeds() -> None:
    by_seed = {seed: graded(named=seed not in SEEDS[3:5], other=True) for seed in SEEDS}
    (found,) = of_right(audit(), {REFERENCE: by_seed})
    expected = f"{NAMED} refuses what is right with 2 of 20 seeds (audit 3, audit 4): {NAMED} said so."
    assert str(found).endswith(expected)
