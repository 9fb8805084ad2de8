"""Are mutants one mistake each, inside the solution, the same every time, and known again when recorded?"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.audit.mutants import as_entry, mutants, recorded
from autograder.audit.operators import OPERATORS, Source, edits
from autograder.authoring.pairing import ROOT
from autograder.authoring.patch import patched
from autograder.authoring.variants import reference, solution_cells
from autograder.errors import BadInput
from tests.support.sprints_made import SLUG, make_sprint

CASES = {
    "removed statement": ("x.grad = 1", "pass"),
    "missing accumulation": ("x.grad += g", "x.grad = g"),
    "wrong sign": ("def f():\n    return a * b", "def f():\n    return -(a * b)"),
    "swapped arguments": ("np.where(a, b, c)", "np.where(b, a, c)"),
    "dropped axis or keepdims": ("x.sum(axis=0, keepdims=True)", "x.sum(axis=0)"),
    "skipped condition": ("y = a if b else c", "y = a if False else c"),
    "dropped call": ("y = unbroadcast(g)", "y = g"),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_each_operator_makes_the_mistake_it_is_called_after(name: str) -> None:
    before, after = CASES[name]
    made = {before[: e.start] + e.text + before[e.end :] for e in edits(Source(before)) if e.operator == name}
    assert after in made
    assert before not in made


def test_places_count_characters_where_the_syntax_tree_counts_bytes() -> None:
    before = 'label = "勾配"; grad += g'
    (edit,) = [e for e in edits(Source(before)) if e.operator == "missing accumulation"]
    assert before[: edit.start] + edit.text + before[edit.end :] == 'label = "勾配"; grad = g'


def test_mutants_are_python_differ_and_keep_what_was_given() -> None:
    cells = solution_cells("define_by_run", ROOT)
    made = mutants("define_by_run", ROOT, 10_000)
    assert len(made) == len({mutant.name for mutant in made}) > 300
    assert {mutant.cell for mutant in made} == set(cells)
    for mutant in made:
        source = mutant.solution.cells[mutant.cell]
        ast.parse(source)
        given = cells[mutant.cell].partition("### BEGIN SOLUTION")[0].rstrip()
        assert source.startswith(given)
        assert "### " not in source


def test_words_of_an_error_are_left_alone_and_the_error_itself_is_not() -> None:
    for mutant in mutants("session_graphs", ROOT, 10_000):
        removed = [line for line in mutant.diff.splitlines() if line.startswith("-")]
        if removed and removed[0].lstrip("- ").startswith("raise "):
            assert "+" in mutant.diff
            assert not any(line.startswith("+") and "raise " in line for line in mutant.diff.splitlines()), mutant.diff


def test_a_few_are_of_every_task_and_the_same_every_time() -> None:
    few = mutants("define_by_run", ROOT, 40)
    assert len(few) == 40
    assert few == mutants("define_by_run", ROOT, 40)
    assert {mutant.cell for mutant in few} == set(solution_cells("define_by_run", ROOT))
    assert len({mutant.operator for mutant in few}) > 5


def test_what_is_shown_of_a_mutant_is_the_edit_that_makes_it(tmp_path: Path) -> None:
    """So that a survivor's lines can be copied into a wrong solution."""
    make_sprint(tmp_path)
    cells, made = reference(SLUG, tmp_path).cells, mutants(SLUG, tmp_path, 100)
    assert len(made) > 5
    for mutant in made:
        assert patched(cells[mutant.cell], mutant.diff) == mutant.solution.cells[mutant.cell]


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    mutant = mutants(SLUG, tmp_path, 1)[0]
    record = tmp_path / "reference" / SLUG / "equivalent.toml"
    record.write_text(as_entry(mutant).replace('reason = ""', 'reason = "it is"'))
    assert recorded(SLUG, tmp_path) == {mutant.name: "it is"}


@pytest.mark.parametrize("text", ["[[mutant]]\nname = 'a'\nreason = ' '", "[[mutant]]\nreason = 'b'", "[[mutant"])
def test_a_record_without_reason_is_refused_by_name(tmp_path: Path, text: str) -> None:
    make_sprint(tmp_path)
    (tmp_path / "reference" / SLUG / "equivalent.toml").write_text(text)
    with pytest.raises(BadInput, match=r"equivalent\.toml: "):
        recorded(SLUG, tmp_path)
