"""Generated wrong solutions: the reference's solution cells, each with one small mistake.

Most come from cosmic-ray's operators, those typical of this field from :mod:`autograder.audit.operators`. Behavioural
mutants, from :mod:`autograder.audit.behaviours`, are a family of their own. A mutant that means the same as the
reference is recorded, with the reason, in ``reference/SPRINT/equivalent.toml`` and not graded.
"""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import itertools
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.audit.behaviours import behaviours
from autograder.audit.operators import Edit, Source, edits
from autograder.authoring.variants import Variant, solution_cells, solution_stretches, without_markers
from autograder.errors import BadInput

EQUIVALENT = "equivalent.toml"
_PAIRS = ("Add_Sub", "Sub_Add", "Mul_Div", "Mul_Add", "Div_Mul", "Pow_Mul", "FloorDiv_Div", "Mod_FloorDiv")
_COMPARISONS = (
    "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt", "Is_IsNot",
    "IsNot_Is",
)  # fmt: skip
COSMIC_RAY = (
    *(f"ReplaceBinaryOperator_{pair}" for pair in _PAIRS),
    *(f"ReplaceComparisonOperator_{pair}" for pair in _COMPARISONS),
    *(f"ReplaceUnaryOperator_{name}" for name in ("Delete_USub", "Delete_Not", "USub_UAdd")),
    "NumberReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop", "RemoveDecorator",
    "ExceptionReplacer",
)  # fmt: skip
"""The cosmic-ray operators that make mistakes a person might make; `x << y` for `x + y` is not one."""


@dataclass(frozen=True)
class Mutant:
    """One mistake in one solution cell.

    Attributes
    ----------
    name
        a digest of the change; it stays the same as long as the lines around it do not change
    cell
        the solution cell's grade_id
    operator
        the kind of mistake
    diff
        the changed lines as in a unified diff, without a header
    solution
        the mutated cell, to be filled in over the reference
    behavioural
        whether it is of the family of behavioural mutants
    """

    name: str
    cell: str
    operator: str
    diff: str
    solution: Variant
    behavioural: bool = False


def mutants(slug: str, root: Path, at_most: int) -> list[Mutant]:
    """A sprint's mutants, at most ``at_most``, spread over tasks and kinds of mistake; always the same ones."""
    return spread(_plain(slug, root), at_most)


def behavioural_mutants(slug: str, root: Path, at_most: int) -> list[Mutant]:
    """A sprint's behavioural mutants, in the same way. None of them is a mutant of the other family too."""
    known = {mutant.name for mutant in _plain(slug, root)}
    cells = solution_cells(slug, root).items()
    found = (replace(one, behavioural=True) for cell, text in cells for one in _of_cell(cell, text, _behaviours(text)))
    return spread((mutant for mutant in found if mutant.name not in known), at_most)


def spread(found: Iterable[Mutant], at_most: int) -> list[Mutant]:
    """At most ``at_most`` mutants, of every task and of every kind of mistake, none of them twice."""
    by_kind: dict[tuple[str, str], dict[str, Mutant]] = defaultdict(dict)
    seen: set[str] = set()
    for mutant in found:
        if mutant.name not in seen:
            seen.add(mutant.name)
            by_kind[mutant.cell, mutant.operator][mutant.name] = mutant
    # sorted by name, which is a digest, so the first mutants of a kind come from anywhere in the cell
    rows = [[kind[name] for name in sorted(kind)] for kind in by_kind.values()]
    by_cell: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in _in_turn(rows):
        by_cell[mutant.cell].append(mutant)
    return [*itertools.islice(_in_turn(by_cell.values()), at_most)]


def _in_turn(rows: Iterable[list[Mutant]]) -> Iterator[Mutant]:
    """The first of each row, then the second of each, and so on."""
    return (one for column in itertools.zip_longest(*rows) for one in column if one is not None)


def _plain(slug: str, root: Path) -> list[Mutant]:
    return [one for cell, text in solution_cells(slug, root).items() for one in _plain_of_cell(cell, text)]


@functools.cache
def _plain_of_cell(cell: str, text: str) -> tuple[Mutant, ...]:
    """Made once: cosmic-ray parses the cell again for each mutant, and both families ask."""
    return tuple(_of_cell(cell, text, [*edits(Source(text)), *_cosmic(text)]))


def _behaviours(text: str) -> Iterator[Edit]:
    return behaviours(Source(text))


def recorded(slug: str, root: Path) -> dict[str, str]:
    """The recorded mutants that mean the same as the reference: name → reason.

    Raises
    ------
    BadInput
        when the record cannot be read, or an entry has no name or no reason.
    """
    path = root / "reference" / slug / EQUIVALENT
    if not path.is_file():
        return {}
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from None
    for entry in entries:
        if not str(entry.get("reason", "")).strip() or "name" not in entry:
            raise BadInput(f"{path}: every [[mutant]] needs its 'name' and a 'reason', and one has not: {entry}")
    return {entry["name"]: entry["reason"] for entry in entries}


def as_entry(mutant: Mutant) -> str:
    """The entry to add to the record for an equivalent mutant, with the reason left blank."""
    head = f'[[mutant]]\nname = "{mutant.name}"\ncell = "{mutant.cell}"\n'
    return f'{head}diff = """\n{_escaped(mutant.diff)}"""\nreason = ""\n'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _of_cell(cell: str, text: str, made: Iterable[Edit]) -> Iterator[Mutant]:
    """Mutants of the code between the solution markers; the rest of the cell is given to students."""
    places = solution_stretches(text)
    source = Source(text)
    meaning, raised = ast.dump(source.tree), source.raised()
    for edit in made:
        if not _within(edit, places) or _within(edit, raised):
            continue
        changed = text[: edit.start] + edit.text + text[edit.end :]
        if _compiles(changed) and ast.dump(ast.parse(changed)) != meaning:
            yield _mutant(cell, edit.operator, text, changed)


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(text, "cell", "exec")
    except SyntaxError:
        return False
    return True


def _within(edit: Edit, stretches: list[tuple[int, int]]) -> bool:
    return any(start <= edit.start and edit.end <= end for start, end in stretches)


def _cosmic(text: str) -> Iterator[Edit]:
    """cosmic-ray's mutations, each as an edit of the part that differs.

    Raises
    ------
    BadInput
        when cosmic-ray is not installed.
    """
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.operators.provider import OperatorProvider
    except ImportError as error:
        raise BadInput(f"mutants need cosmic-ray ({error}): install it, or audit with --fast") from None

    provider, tree = OperatorProvider(), get_ast(text)
    for name in COSMIC_RAY:
        operator = provider[name]()
        count = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(tree))
        for occurrence in range(count):
            changed = mutate_code(text, operator, occurrence)
            if changed is not None and changed != text:
                yield _difference(name, text, changed)


def _difference(operator: str, text: str, changed: str) -> Edit:
    start = next(
        (i for i, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), min(len(text), len(changed))
    )
    most = min(len(text), len(changed)) - start
    tail = next((i for i in range(most) if text[-1 - i] != changed[-1 - i]), most)
    return Edit(operator, start, len(text) - tail, changed[start : len(changed) - tail])


def _mutant(cell: str, operator: str, text: str, changed: str) -> Mutant:
    before, after = (without_markers(t).splitlines() for t in (text, changed))
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    diff = "\n".join(line for line in lines if not line.startswith("@@"))
    name = hashlib.sha256(f"{cell}\n{diff}".encode()).hexdigest()[:10]
    solution = Variant(name, operator, (), {cell: "\n".join(after).rstrip("\n")})
    return Mutant(name, cell, operator, diff, solution)
