"""An audit of a sprint: are its graders right, and do they test enough?

Everything is graded like a submission, in jails and in parallel: the reference with many seeds, a second time, in
another order, without demonstration cells, and with each answer broken in turn; the unsolved notebook; every wheat and
chaff; solutions that do no work; and generated mutants, each until a test catches it. For a wrong solution, tests of
cells before its first change are not run again: they see the same as with the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, as_completed
from dataclasses import replace
from pathlib import Path

from autograder.audit.audited import REFERENCE, UNSOLVED, Audit
from autograder.audit.dependence import broken_answers, of_causes
from autograder.audit.examples import of_examples
from autograder.audit.findings import Finding
from autograder.audit.gradings import Gradings, Job, caught_by, grading_pool
from autograder.audit.leaks import of_feedback, of_release
from autograder.audit.mutants import Mutant, as_entry, behavioural_mutants, mutants, recorded
from autograder.audit.promises import ledger
from autograder.audit.structure import all_tests, examine
from autograder.audit.trivial import of_trivial, trivial_solutions
from autograder.authoring.variants import Variant, chaffs, reference, solution_cells, wheats
from autograder.course.sprint import Sprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.grading.run import Progress
from autograder.notebook.read import read_release

SEEDS = tuple(f"audit {n}" for n in range(20))
MUTANTS, BEHAVIOURS = 120, 0
"""How many mutants of each family are graded unless another number is asked for."""
ENOUGH_MUTANTS = 0.97
"""The share of the non-equivalent mutants of each family that must be caught."""
AGAIN = 6
"""How many wrong solutions are graded a second time, with the tests in another order."""


def run_audit(
    sprint: Sprint,
    root: Path,
    *,
    fast: bool = False,
    at_most: int = MUTANTS,
    behaviours: int = BEHAVIOURS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit one sprint of the course in ``root``. If its files have problems, report these and grade nothing.

    ``at_most`` and ``behaviours`` limit the mutants of single operators and the behavioural ones.

    Raises
    ------
    BadInput
        when the record of equivalent mutants cannot be read.
    """
    done = Audit(sprint, fast, examine(sprint, root), equivalent=recorded(sprint.slug, root))
    if done.findings:
        return done
    done.ledger = ledger(sprint.slug, root, all_tests(sprint))
    done.findings += [*done.ledger.untested, *of_release(sprint, root)]
    right, wrong = wheats(sprint.slug, root), chaffs(sprint.slug, root)
    wrong = covering(wrong) if fast else wrong
    if not fast:
        done.mutants = [*mutants(sprint.slug, root, at_most), *behavioural_mutants(sprint.slug, root, behaviours)]
    solved = reference(sprint.slug, root)
    released = read_release(sprint.release)
    broken = [] if fast else [*broken_answers(released, solved)]
    trivial = [] if fast else [*trivial_solutions(released, solution_cells(sprint.slug, root))]
    with grading_pool(workers) as pool:
        gradings = _Asked(Gradings(pool, sprint))
        _ask(gradings, solved, right, wrong, done)
        for one in broken:
            gradings.ask(one.solution.name, Job((solved, one.solution), SEEDS[0], only_changed=True))
        for idle in trivial:
            gradings.ask(idle.solution.name, Job((solved, idle.solution), SEEDS[0], only_task=idle.task, bare=True))
        results = gradings.collect(progress or (lambda done, total, name: None))
    _sort(done, results, right, wrong)
    done.trivial = {idle.solution.name: results[idle.solution.name].score for idle in trivial}
    done.findings += [
        *_of_right(done, results),
        *_of_wrong(done, results, {chaff.name: chaff for chaff in wrong}),
        *of_feedback(sprint, done.wrong),
        *(finding for one in broken for finding in of_causes(one, results[one.solution.name])),
        *(finding for idle in trivial for finding in of_trivial(idle, results[idle.solution.name])),
        *of_examples(done.right, {} if fast else done.chaffs),  # a few wrong solutions do not tell
    ]
    return done


def covering(wrong: Iterable[Variant]) -> list[Variant]:
    """A few wrong solutions that together name every test that any of them names."""
    left, chosen = list(wrong), []
    named = {test for chaff in left for test in chaff.caught_by}
    while named:
        best = max(left, key=lambda chaff: len(named & set(chaff.caught_by)))
        chosen.append(best)
        left.remove(best)
        named -= set(best.caught_by)
    return sorted(chosen, key=lambda chaff: chaff.name)


class _Asked:
    """Gradings in progress, by name."""

    def __init__(self, gradings: Gradings) -> None:
        self._gradings = gradings
        self._futures: dict[Future[Results], str] = {}

    def ask(self, name: str, job: Job) -> None:
        """Start a grading."""
        self._futures[self._gradings.submit(job)] = name

    def collect(self, progress: Progress) -> dict[str, Results]:
        """Wait for all gradings; return the results by name."""
        results = {}
        for count, future in enumerate(as_completed(self._futures), 1):
            name = self._futures[future]
            results[name] = future.result()
            progress(count, len(self._futures), name)
        return results


def _ask(gradings: _Asked, solved: Variant, right: list[Variant], wrong: list[Variant], done: Audit) -> None:
    usual = Job((solved,), SEEDS[0])
    gradings.ask(REFERENCE, replace(usual, every_example=True))
    gradings.ask(UNSOLVED, replace(usual, solutions=()))
    for place, variant in enumerate([*right, *wrong]):
        # seeds vary, so that a verdict that depends on the seed shows up sooner or later
        seed = SEEDS[place % len(SEEDS)]
        wrongly = bool(variant.caught_by)
        job = Job((solved, variant), seed, only_changed=wrongly, every_example=not wrongly)
        gradings.ask(_name(variant), job)
    if done.fast:
        return
    for seed in SEEDS[1:]:
        gradings.ask(f"{REFERENCE} with {seed}", replace(usual, seed=seed))
    gradings.ask(f"{REFERENCE} again", usual)
    gradings.ask(f"{REFERENCE} shuffled", replace(usual, shuffle=1))
    gradings.ask(f"{REFERENCE} without demonstrations", replace(usual, bare=True))
    for place, variant in enumerate(wrong[:: max(1, len(wrong) // AGAIN)][:AGAIN]):
        gradings.ask(f"{_name(variant)} shuffled", Job((solved, variant), SEEDS[-1 - place], shuffle=place))
    for mutant in done.mutants:
        if mutant.name not in done.equivalent:
            both = (solved, mutant.solution)
            gradings.ask(f"mutant {mutant.name}", Job(both, SEEDS[0], only_changed=True, stop_at_first=True, bare=True))


def _name(variant: Variant) -> str:
    return f"{'chaffs' if variant.caught_by else 'wheats'}/{variant.name}"


def _sort(done: Audit, results: dict[str, Results], right: list[Variant], wrong: list[Variant]) -> None:
    known = all_tests(done.sprint)
    hidden = [t for cell in results[REFERENCE].cells for t in cell.tests if t.name in known]
    done.tests = [t.name for t in hidden if t.outcome is not Outcome.PENDING]
    done.waiting = frozenset(t.name for t in hidden if t.outcome is Outcome.PENDING)
    done.right = {name: results[name] for name in (REFERENCE, *map(_name, right))}
    done.unproven = [_name(chaff) for chaff in wrong if done.waiting.issuperset(chaff.caught_by)]
    names = [name for name in (UNSOLVED, *map(_name, wrong)) if name not in done.unproven]
    done.wrong = {name: results[REFERENCE].merged(results[name]) for name in names}
    for mutant in done.mutants:
        tests = caught_by(results[f"mutant {mutant.name}"]) if mutant.name not in done.equivalent else frozenset()
        if tests:
            done.caught[mutant.name] = min(tests, key=done.tests.index)


def _of_right(done: Audit, results: dict[str, Results]) -> Iterator[Finding]:
    for name, graded in results.items():
        if name in done.right or name.startswith(REFERENCE):
            for test in (
                t for cell in graded.cells for t in cell.tests if t.outcome not in (Outcome.PASSED, Outcome.PENDING)
            ):
                what = "errs" if test.outcome is Outcome.BROKEN else "refuses what is right"
                yield Finding(name, f"{test.name} {what}: {test.message.partition(chr(10))[0]}")


def _of_wrong(done: Audit, results: dict[str, Results], wrong: dict[str, Variant]) -> Iterator[Finding]:
    for test in sorted(set(done.tests) - caught_by(done.wrong[UNSOLVED])):
        yield Finding(UNSOLVED, f"{test} passes on the notebook that students are given")
    for name, graded in results.items():
        chaff = wrong.get(name.removeprefix("chaffs/").removesuffix(" shuffled"))
        if chaff is None or not name.startswith("chaffs/"):
            continue
        for test in sorted(set(chaff.caught_by) - caught_by(graded) - done.waiting):
            yield Finding(name, f"{test} is named and does not fail")
        for test in sorted(caught_by(graded) - set(chaff.caught_by)):
            yield Finding(name, f"{test} fails and is not named")
        for erring in (t for cell in graded.cells for t in cell.tests if t.outcome is Outcome.BROKEN):
            yield Finding(name, f"{erring.name} errs: {erring.message.partition(chr(10))[0]}")
    caught = {t for graded in done.chaffs.values() for t in caught_by(graded)} | set(done.caught.values())
    for test in done.tests:
        if test not in caught:
            yield Finding(test, "catches no wrong solution and no mutant: is it needed?")
    if not done.fast:
        yield from _of_public_checks(done, done.chaffs)
        for family in (family for family in done.families if family.share < ENOUGH_MUTANTS):
            survived = family.asked - family.caught
            yield Finding(done.sprint.slug, f"{survived} of {len(family.mutants)} {family.what} are not caught")


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


def question(mutant: Mutant) -> str:
    """The question to the author about a mutant that survived."""
    return (
        f"{mutant.name}  {mutant.cell}: {mutant.operator}\n{mutant.diff}\n"
        f"equivalent, or a missing test? If equivalent, record it:\n{as_entry(mutant)}"
    )
