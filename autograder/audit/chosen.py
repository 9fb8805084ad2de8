"""Chosen solutions of a sprint, graded for who writes one or is given one: what does each test say to it?

A right or wrong solution of the sprint is graded as in an audit. Any other file in their format is a guest: it claims
nothing if it names no tests, and is graded once, like a submission.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.audit.asked import Asked
from autograder.audit.findings import Finding
from autograder.audit.gradings import BySeed, Gradings, Job, caught_by, grading_pool
from autograder.audit.seeds import FEW_SEEDS, SEEDS, about
from autograder.audit.structure import all_tests
from autograder.audit.verdicts import refusals, unlike_its_list
from autograder.authoring.outline import EDITS, SCRIPT, variant_files
from autograder.authoring.pairing import is_in_sync, notebook_path
from autograder.authoring.variants import Variant, parse, reference
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.outcome import Outcome
from autograder.grading.results import Results
from autograder.grading.run import Progress
from autograder.notebook.read import read_release
from autograder.text import harmless

RIGHT, WRONG = "wheats", "chaffs"


@dataclass(frozen=True)
class Chosen:
    """A solution that was asked for.

    Attributes
    ----------
    name
        ``wheats/NAME``, ``chaffs/NAME``, or a guest's file
    variant
        its cells, and the tests that it names
    """

    name: str
    variant: Variant

    @property
    def wrong(self) -> bool:
        """Whether it claims to fail the tests that it names."""
        return bool(self.variant.caught_by) or self.name.startswith(f"{WRONG}/")

    @property
    def right(self) -> bool:
        """Whether it claims to be right."""
        return not self.wrong and self.name.startswith(f"{RIGHT}/")


def choose(sprint: Sprint, root: Path, wanted: Iterable[str]) -> list[Chosen]:
    """The solutions that are meant, each once.

    ``wanted``: names with or without their folder, patterns of them (``unbroadcast_*``, ``wheats/*``), or files.

    Raises
    ------
    BadInput
        when there is no such solution, or its file cannot be read; or when the notebook is not what the script makes.
    """
    if not is_in_sync(sprint.slug, root):
        where = notebook_path(sprint.slug, root)
        raise BadInput(f"{where} is not what {sprint.slug}.py makes: run 'autograder release {sprint.slug}'")
    folder = root / "reference" / sprint.slug
    known = {f"{kind}/{path.stem}": path for kind in (RIGHT, WRONG) for path in variant_files(folder / kind)}
    solved = reference(sprint.slug, root).cells
    found: dict[str, Path] = {}
    for want in wanted:
        found |= _meant(want, known, sprint.slug)
    try:
        return [Chosen(name, _known_cells(path, parse(path, solved), solved)) for name, path in found.items()]
    except (OSError, ValueError) as error:
        raise BadInput(str(error)) from None


def _meant(want: str, known: dict[str, Path], slug: str) -> dict[str, Path]:
    path = Path(want)
    if path.suffix in (SCRIPT, EDITS) and path.is_file():
        own = {name: file for name, file in known.items() if file.resolve() == path.resolve()}
        return own or {want: path}
    meant = {name: file for name, file in known.items() if fnmatch(name, want) or fnmatch(file.stem, want)}
    if meant:
        return meant
    names = {file.stem: name for name, file in known.items()} | {name: name for name in known}
    near = "".join(f"; is it '{names[one]}'?" for one in difflib.get_close_matches(want, names, n=1))
    raise BadInput(f"'{want}' is no file (*{SCRIPT}, *{EDITS}) and no right or wrong solution of {slug}{near}")


def _known_cells(path: Path, variant: Variant, solved: dict[str, str]) -> Variant:
    for cell in variant.cells:
        if cell not in solved:
            raise ValueError(f"{path}: the notebook has no solution cell '{cell}': it has {', '.join(solved)}")
    return variant


def grade_chosen(
    sprint: Sprint,
    root: Path,
    chosen: list[Chosen],
    *,
    fast: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, BySeed]:
    """Grade them; return the results by name and seed. ``fast``: with three seeds in place of twenty."""
    tell = progress or (lambda done, total, name: None)
    solved, released, tests = reference(sprint.slug, root), read_release(sprint.release), all_tests(sprint)
    seeds = FEW_SEEDS if fast else SEEDS
    with grading_pool(workers) as pool:
        asked = Asked(Gradings(pool, sprint))
        for one in chosen:
            both = (solved, one.variant)
            if one.wrong:
                asked.ask(one.name, Job(both, seeds, about(one.variant, released, tests)))
            else:
                asked.ask(one.name, Job(both, seeds if one.right else seeds[:1], every_example=one.right))
        found = asked.collect(tell)
        asked.settle(found, tell)
    return {one.name: found[one.name] for one in chosen}


def findings_of(chosen: list[Chosen], found: dict[str, BySeed]) -> Iterator[Finding]:
    """Where a solution is not what it claims to be."""
    for one in chosen:
        by_seed = found[one.name]
        if one.wrong:
            if not one.variant.caught_by:
                yield Finding(
                    one.name, "names no test: a wrong solution says under 'Caught by:' which tests fail on it"
                )
            waiting = {test.name for test in _first(by_seed).tests if test.outcome is Outcome.PENDING}
            yield from unlike_its_list(one.name, by_seed, set(one.variant.caught_by), frozenset(waiting))
        elif one.right:
            yield from refusals(one.name, by_seed)


def show_chosen(chosen: list[Chosen], found: dict[str, BySeed], console: Console | None = None) -> bool:
    """Print what each test that a solution fails says, as a student reads it; then a line for each, and the findings.

    Returns whether there are any findings.
    """
    console = console or Console(highlight=False, soft_wrap=True)
    for one in chosen:
        _show_solution(one, _first(found[one.name]), console)
    for one in chosen:
        graded = _first(found[one.name])
        tests = len(caught_by(graded))
        caught = f"caught by {tests} test{'s' * (tests != 1)}" if tests else "no test catches it"
        console.print(Text(f"{one.name}  {graded.score:g}/{graded.max_score:g}  {caught}", style="bold"))
    findings = [*findings_of(chosen, found)]
    for finding in findings:
        console.print(Text(str(finding), style="red"))
    console.print(Text(f"{len(findings)} findings" if findings else "nothing to fix"))
    return bool(findings)


def _show_solution(one: Chosen, graded: Results, console: Console) -> None:
    console.print(Text(one.name, style="bold"))
    console.print(Text(harmless(f"  {one.variant.description}")))
    for test in graded.tests:
        if test.outcome not in (Outcome.PASSED, Outcome.PENDING):
            console.print(Text(f"  {test.name}  {test.outcome}", style="red"))
            for line in (test.title, *test.message.splitlines()):
                console.print(Text(harmless(f"    │ {line}"), style="dim"))


def _first(by_seed: BySeed) -> Results:
    return next(iter(by_seed.values()))
