"""The kill matrix, hidden tests × wrong solutions, in the terminal and as a self-contained page."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from jinja2 import Environment
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.audit.audit import question
from autograder.audit.audited import REFERENCE, Audit
from autograder.audit.examples import Explained, with_example
from autograder.audit.gradings import caught_by

TEMPLATE = Path(__file__).with_name("matrix.html.jinja")


def kills(audit: Audit) -> dict[str, frozenset[str]]:
    """For each wrong solution except the unsolved notebook, the tests that catch it."""
    return {name: caught_by(graded) for name, graded in audit.chaffs.items()}


def always_together(audit: Audit) -> list[list[str]]:
    """Groups of tests that fail on exactly the same wrong solutions (at least one): one of a group might be enough.

    None of a fast audit, whose few wrong solutions do not tell.
    """
    groups: dict[frozenset[str], list[str]] = defaultdict(list)
    for test in () if audit.fast else audit.tests:
        groups[frozenset(name for name, tests in kills(audit).items() if test in tests)].append(test)
    return [tests for caught, tests in groups.items() if caught and len(tests) > 1]


def show_audit(audit: Audit, console: Console | None = None) -> None:
    """Print what each test catches, what each wrong solution still earns, survivors, figures and findings."""
    console = console or Console(highlight=False, soft_wrap=True)
    if audit.right:
        _show_tests(audit, console)
        _show_solutions(audit, console)
        for tests in always_together(audit):
            console.print(Text(f"always fail together: {', '.join(tests)}", style="dim"))
        for mutant in audit.survivors:
            console.print(Text(f"\nsurvived: {question(mutant)}", style="yellow"))
        console.print(Text("\n".join(figures(audit)), style="bold"))
    for finding in audit.findings:
        console.print(Text(str(finding), style="red"))
    name = f"{audit.sprint.slug}{', fast' if audit.fast else ''}"
    console.print(Text(f"{name}: {len(audit.findings)} findings" if audit.findings else f"{name}: nothing to fix"))


def figures(audit: Audit) -> list[str]:
    """The figures, one per line."""
    wrong = kills(audit)
    accepted = sum(results.status != "broken" and not caught_by(results) for results in audit.right.values())
    catching = {test for tests in wrong.values() for test in tests} | set(audit.caught.values())
    lines = [
        f"right solutions accepted: {accepted} of {len(audit.right)}",
        f"wrong solutions caught: {sum(map(bool, wrong.values()))} of {len(wrong)}",
        f"hidden tests needed: {len(catching & set(audit.tests))} of {len(audit.tests)}",
    ]
    lines.append(
        f"hidden tests with a public example: {len(with_example(audit.right[REFERENCE]))} of {len(audit.tests)}"
    )
    for what, graded in (("wrong solutions", audit.chaffs), ("mutants", audit.slips)):
        explained = Explained.by(graded)
        if explained.shown:
            lines.append(f"examples that show the fault of {what}: {explained}")
    if audit.ledger.promises:
        lines.append(str(audit.ledger))
    if audit.waiting:
        lines.append(
            f"not proven here: {len(audit.waiting)} tests that wait for a GPU,"
            f" and {len(audit.unproven)} wrong solutions that only they catch"
        )
    if audit.trivial:
        idle = sum(points == 0 for points in audit.trivial.values())
        lines.append(f"trivial solutions without a point: {idle} of {len(audit.trivial)}")
    lines += [str(family) for family in audit.families if family.mutants]
    return lines


def write_page(audit: Audit, path: Path) -> None:
    """Write the matrix as one HTML file, without scripts and without loading anything from elsewhere."""
    wrong = kills(audit)
    first = {test: [m for m in audit.mutants if audit.caught.get(m.name) == test] for test in audit.tests}
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        audit=audit, wrong=wrong, scores={name: audit.wrong[name] for name in wrong}, first=first,
        figures=figures(audit), together=always_together(audit), outcomes=_outcomes(audit),
    )  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _outcomes(audit: Audit) -> dict[tuple[str, str], str]:
    return {
        (name, test.name): test.outcome
        for name, results in audit.wrong.items()
        for cell in results.cells
        for test in cell.tests
    }


def _show_tests(audit: Audit, console: Console) -> None:
    table = Table(title=f"{audit.sprint.slug}: what each hidden test catches")
    for column, side in (
        ("test", "left"),
        ("wrong solutions", "right"),
        ("alone", "right"),
        ("mutants first", "right"),
    ):
        table.add_column(column, justify=side, overflow="fold")  # type: ignore[arg-type]
    wrong = kills(audit)
    for test in audit.tests:
        by = [tests for tests in wrong.values() if test in tests]
        alone = sum(len(tests) == 1 for tests in by)
        first = sum(caught == test for caught in audit.caught.values())
        table.add_row(test.removeprefix("test_"), str(len(by)), str(alone), str(first), style="" if by else "red")
    console.print(table)


def _show_solutions(audit: Audit, console: Console) -> None:
    table = Table(title=f"{audit.sprint.slug}: what wrong solutions still earn")
    for column, side in (("solution", "left"), ("points", "right"), ("caught by", "left")):
        table.add_column(column, justify=side, overflow="fold")  # type: ignore[arg-type]
    for name, tests in kills(audit).items():
        results = audit.wrong[name]
        said = ", ".join(sorted(test.partition("::")[2].removeprefix("test_") for test in tests))
        table.add_row(name.removeprefix("chaffs/"), f"{results.score:g}/{results.max_score:g}", said or "NOTHING")
    console.print(table)
