"""An audit of a sprint: are its graders right, and do they test enough?

Everything is graded like a submission, in jails and in parallel: the reference, every wheat and every chaff with many
seeds; the reference a second time, in another order, without demonstration cells, and with each answer broken in turn;
the unsolved notebook; solutions that do no work; and generated mutants, each until a test catches it. For a wrong
solution, tests of cells before its first change are not run: they see the same as with the reference. Its other seeds
are for the tests that it is about. These run one seed after the other in one jail; where the verdicts differ, each of
the seeds in question is graded once more, alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.asked import Asked
from autograder.audit.audited import REFERENCE, UNSOLVED, Audit
from autograder.audit.dependence import broken_answers, of_causes
from autograder.audit.examples import of_examples
from autograder.audit.gradings import Gradings, Job, caught_by, grading_pool
from autograder.audit.leaks import of_feedback, of_release
from autograder.audit.mutants import Mutant, as_entry, behavioural_mutants, mutants, recorded
from autograder.audit.promises import ledger
from autograder.audit.seeds import FEW_SEEDS, SEEDS, about
from autograder.audit.structure import all_tests, examine
from autograder.audit.trivial import of_trivial, trivial_solutions
from autograder.audit.verdicts import of_right, of_wrong
from autograder.authoring.variants import Variant, chaffs, reference, solution_cells, wheats
from autograder.course.sprint import Sprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.grading.run import Progress
from autograder.notebook.read import read_release

MUTANTS, BEHAVIOURS = 120, 40
"""How many mutants of each family are graded unless another number is asked for."""
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
        gradings = Asked(Gradings(pool, sprint))
        _ask(gradings, solved, right, wrong, done, released)
        for one in broken:
            gradings.ask(one.solution.name, Job((solved, one.solution), SEEDS[:1], only_changed=True))
        for idle in trivial:
            gradings.ask(idle.solution.name, Job((solved, idle.solution), SEEDS[:1], only_task=idle.task, bare=True))
        found = gradings.collect(progress or (lambda done, total, name: None))
        gradings.settle(found, progress or (lambda done, total, name: None))
    results = {name: next(iter(by_seed.values())) for name, by_seed in found.items()}
    _sort(done, results, right, wrong)
    done.trivial = {idle.solution.name: results[idle.solution.name].score for idle in trivial}
    done.findings += [
        *of_right(done, found),
        *of_wrong(done, found, {chaff.name: chaff for chaff in wrong}),
        *of_feedback(sprint, done.wrong),
        *(finding for one in broken for finding in of_causes(one, results[one.solution.name])),
        *(finding for idle in trivial for finding in of_trivial(idle, results[idle.solution.name])),
        *of_examples(done.right, {} if fast else done.chaffs, done.slips),  # a few wrong solutions do not tell
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


def _ask(
    gradings: Asked,
    solved: Variant,
    right: list[Variant],
    wrong: list[Variant],
    done: Audit,
    released: NotebookNode,
) -> None:
    seeds = FEW_SEEDS if done.fast else SEEDS
    usual = Job((solved,), SEEDS[:1])
    gradings.ask(REFERENCE, replace(usual, seeds=seeds, every_example=True))
    gradings.ask(UNSOLVED, replace(usual, solutions=()))
    for wheat in right:
        gradings.ask(_name(wheat), Job((solved, wheat), seeds, every_example=True))
    tests = all_tests(done.sprint)
    for chaff in wrong:
        again = about(chaff, released, tests)
        gradings.ask(_name(chaff), Job((solved, chaff), seeds, again, only_changed=True))
    if done.fast:
        return
    gradings.ask(f"{REFERENCE} again", usual)
    gradings.ask(f"{REFERENCE} shuffled", replace(usual, shuffle=1))
    gradings.ask(f"{REFERENCE} without demonstrations", replace(usual, bare=True))
    for place, variant in enumerate(wrong[:: max(1, len(wrong) // AGAIN)][:AGAIN]):
        gradings.ask(f"{_name(variant)} shuffled", Job((solved, variant), SEEDS[:1], shuffle=place))
    for mutant in done.mutants:
        if mutant.name not in done.equivalent:
            both = (solved, mutant.solution)
            job = Job(both, SEEDS[:1], only_changed=True, stop_at_first=True, bare=True)
            gradings.ask(f"mutant {mutant.name}", job)


def _name(variant: Variant) -> str:
    return f"{'chaffs' if variant.caught_by else 'wheats'}/{variant.name}"


def _sort(done: Audit, results: dict[str, Results], right: list[Variant], wrong: list[Variant]) -> None:
    known = all_tests(done.sprint)
    hidden = [test for test in results[REFERENCE].tests if test.name in known]
    done.tests = [test.name for test in hidden if test.outcome is not Outcome.PENDING]
    done.waiting = frozenset(test.name for test in hidden if test.outcome is Outcome.PENDING)
    done.right = {name: results[name] for name in (REFERENCE, *map(_name, right))}
    done.unproven = [_name(chaff) for chaff in wrong if done.waiting.issuperset(chaff.caught_by)]
    names = [name for name in (UNSOLVED, *map(_name, wrong)) if name not in done.unproven]
    done.wrong = {name: results[REFERENCE].merged(results[name]) for name in names}
    for mutant in (mutant for mutant in done.mutants if mutant.name not in done.equivalent):
        graded = results[f"mutant {mutant.name}"]
        if not mutant.behavioural:
            done.slips[mutant.name] = graded
        if tests := caught_by(graded):
            done.caught[mutant.name] = min(tests, key=done.tests.index)


def question(mutant: Mutant) -> str:
    """The question to the author about a mutant that survived."""
    return (
        f"{mutant.name}  {mutant.cell}: {mutant.operator}\n{mutant.diff}\n"
        f"equivalent, or a missing test? If equivalent, record it:\n{as_entry(mutant)}"
    )
