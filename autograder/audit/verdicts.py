"""What is wrong with the verdicts of an audit: on right solutions, on wrong ones, and from one seed to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.audit.audited import REFERENCE, UNSOLVED, Audit
from autograder.audit.findings import Finding
from autograder.audit.gradings import BySeed, caught_by
from autograder.audit.seeds import FEW_SEEDS
from autograder.authoring.variants import Variant
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results

ENOUGH_MUTANTS = 0.97
"""The share of the non-equivalent mutants of each family that must be caught."""


def of_right(done: Audit, found: Mapping[str, BySeed]) -> Iterator[Finding]:
    """The tests that refuse a right solution or err on it, with any seed."""
    for name, by_seed in found.items():
        if name in done.right or name.startswith(REFERENCE):
            yield from refusals(name, by_seed)


def refusals(name: str, by_seed: BySeed) -> Iterator[Finding]:
    """The tests that refuse this right solution or err on it, with any seed."""
    unfit = (Outcome.PASSED, Outcome.PENDING)
    tests = {seed: {t.name: t for t in graded.tests if t.outcome not in unfit} for seed, graded in by_seed.items()}
    for test, seeds in _seeds_of({seed: set(named) for seed, named in tests.items()}).items():
        first = tests[seeds[0]][test]
        what = "errs" if first.outcome is Outcome.BROKEN else "refuses what is right"
        said = first.message.partition("\n")[0]
        yield Finding(name, f"{test} {what}{_only(seeds, by_seed)}: {said}")


def of_wrong(done: Audit, found: Mapping[str, BySeed], wrong: Mapping[str, Variant]) -> Iterator[Finding]:
    """Wrong solutions that do not fail exactly the tests that they name, with any seed; tests that catch none."""
    for test in sorted(set(done.tests) - caught_by(done.wrong[UNSOLVED])):
        yield Finding(UNSOLVED, f"{test} passes on the notebook that students are given")
    for name, by_seed in found.items():
        chaff = wrong.get(name.removeprefix("chaffs/").removesuffix(" shuffled"))
        if chaff is not None and name.startswith("chaffs/"):
            yield from unlike_its_list(name, by_seed, set(chaff.caught_by), done.waiting)
    caught = {t for graded in done.chaffs.values() for t in caught_by(graded)} | set(done.caught.values())
    for test in done.tests:
        if test not in caught:
            yield Finding(test, "catches no wrong solution and no mutant: is it needed?")
    if not done.fast:
        yield from _of_public_checks(done, done.chaffs)
        for family in (family for family in done.families if family.share < ENOUGH_MUTANTS):
            survived = family.asked - family.caught
            yield Finding(done.sprint.slug, f"{survived} of {len(family.mutants)} {family.what} are not caught")


def unlike_its_list(name: str, by_seed: BySeed, named: set[str], waiting: frozenset[str]) -> Iterator[Finding]:
    """How the tests that fail on this wrong solution differ from those that it names; those that wait do not count."""
    caught = {seed: set(caught_by(graded)) for seed, graded in by_seed.items()}
    for test, seeds in _seeds_of({seed: named - tests - waiting for seed, tests in caught.items()}).items():
        yield Finding(name, f"{test} is named and does not fail{_only(seeds, by_seed)}")
    few = {seed: by_seed[seed] for seed in list(by_seed)[: len(FEW_SEEDS)]}  # see about: with others it did not run
    for test, seeds in _seeds_of({seed: caught[seed] - named for seed in few}).items():
        yield Finding(name, f"{test} fails and is not named{_only(seeds, few)}")
    erring = {test.name: test for graded in by_seed.values() for test in graded.tests if test.outcome is Outcome.BROKEN}
    for test, result in erring.items():
        yield Finding(name, f"{test} errs: {result.message.partition(chr(10))[0]}")


def _seeds_of(tests: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """For each test, sorted by name, the seeds with which it is in the set."""
    return {test: [seed for seed in tests if test in tests[seed]] for test in sorted(set().union(*tests.values()))}


def _only(seeds: list[str], by_seed: BySeed) -> str:
    """With which of the seeds something is so, in words; nothing if it is so with all."""
    if len(seeds) == len(by_seed):
        return ""
    return f" with {len(seeds)} of {len(by_seed)} seeds ({', '.join(seeds[:3])}{' …' * (len(seeds) > 3)})"


def _of_public_checks(done: Audit, wrong: dict[str, Results]) -> Iterator[Finding]:
    """Tasks whose public check is as strict as the hidden tests: no wrong solution passes only the public check."""
    for place, cell in enumerate(done.right[REFERENCE].cells):
        if cell.by_hand or done.waiting.issuperset(test.name for test in cell.tests if test.max_points):
            continue
        others = [graded.cells[place] for graded in wrong.values()]
        if not any(
            c.tests[0].outcome is Outcome.PASSED and any(t.outcome.students_fault for t in c.tests) for c in others
        ):
            yield Finding(cell.id, "no wrong solution passes its public check: is the check all there is to know?")
