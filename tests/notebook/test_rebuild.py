"""Is every submission graded on the released notebook, with the student's answers in it?"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade

from autograder.notebook.cells import grade_id, is_graded, is_locked
from autograder.notebook.rebuild import rebuild
from tests.support.builders import code, graded, nbgrader, notebook, released, solution, text


def cell(nb: NotebookNode, name: str) -> NotebookNode:
    """The cell with this grade_id, else with this cell id."""
    return next(c for c in nb.cells if name in (grade_id(c), c.get("id")))


def at(nb: NotebookNode, name: str) -> int:
    return nb.cells.index(cell(nb, name))


def sources(nb: NotebookNode) -> list[str]:
    return [c.source for c in nb.cells]


@pytest.fixture
def base() -> NotebookNode:
    return released()


@pytest.fixture
def mine() -> NotebookNode:
    """A submission with both tasks solved."""
    nb = released()
    cell(nb, "solve_double").source = "def double(x): return 2 * x"
    cell(nb, "solve_half").source = "def half(x): return x / 2"
    return nb


def test_answers_are_kept_and_nothing_is_reported(base, mine):
    """Does an honest submission come through as it is?"""
    rebuilt, changes = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert changes == []


def test_outputs_are_cleared(base, mine):
    """Is nothing that the file claims to have printed left?"""
    cell(mine, "double").outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2.0"})]
    rebuilt, _ = rebuild(mine, base)
    assert cell(rebuilt, "double").outputs == []


@pytest.mark.parametrize("name", ["imports", "double"])
def test_locked_cells_come_from_the_release(base, mine, name):
    """Is an edited locked cell the released one again?"""
    cell(mine, name).source = "double = half = lambda x: Always()"
    rebuilt, changes = rebuild(mine, base)
    assert cell(rebuilt, name) == cell(base, name)
    assert changes == [f"cell {name!r} was edited; the released text is used"]


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception", "remove_cell"])
def test_tags_of_released_cells_come_from_the_release(base, mine, tag):
    """Can a tag keep a grade cell from running?"""
    for c in mine.cells:
        c.metadata.tags = [tag]
    rebuilt, changes = rebuild(mine, base)
    assert all("tags" not in c.metadata for c in rebuilt.cells)
    assert "cell 'double' had other tags or settings; the released ones are used" in changes
    assert not any(tag in line for line in changes)


@pytest.mark.parametrize("change", [{"points": 100}, {"grade": False}, {"locked": False}, {"solution": True}])
def test_settings_of_released_cells_come_from_the_release(base, mine, change):
    """Can a student change what a cell is worth, or make it their own?"""
    cell(mine, "double").metadata.nbgrader.update(change)
    cell(mine, "double").source = "pass"
    rebuilt, changes = rebuild(mine, base)
    assert cell(rebuilt, "double") == cell(base, "double")
    assert "cell 'double' had other tags or settings; the released ones are used" in changes


@pytest.mark.parametrize("name", ["title", "imports", "solve_double", "double", "demo", "half"])
def test_missing_cells_come_back(base, mine, name):
    """Is a deleted cell there again, in its place?"""
    place = at(mine, name)
    del mine.cells[place]
    rebuilt, changes = rebuild(mine, base)
    assert rebuilt.cells[place] == base.cells[place] | ({"source": ""} if name == "solve_double" else {})
    assert len(rebuilt.cells) == len(base.cells)
    assert len(changes) == 1
    assert "was missing and is back" in changes[0]


def test_the_stub_of_a_deleted_answer_does_not_replace_what_was_written_elsewhere(base, mine):
    """Do two answers in one cell count, where the other answer's cell was deleted?"""
    cell(mine, "solve_double").source += "\ndef half(x): return x / 2"
    del mine.cells[at(mine, "solve_half")]
    rebuilt, changes = rebuild(mine, base)
    assert cell(base, "solve_half").source not in sources(rebuilt)
    assert changes == ["cell 'solve_half' was missing and is back, empty"]


def test_a_written_answer_that_was_deleted_waits_for_a_person():
    """Is an answer read that was written into a new cell, its own having been deleted?"""
    answer = nbformat.v4.new_markdown_cell(
        "Write here.", metadata=nbgrader("why", grade=True, solution=True, points=2), id="why"
    )
    answer.metadata.nbgrader["checksum"] = compute_checksum(answer)
    base = notebook(answer, graded("g", 1))
    assert determine_grade(base.cells[0]) == (0, 2)
    mine = deepcopy(base)
    mine.cells[0] = text("Because.", "mine")
    rebuilt, _ = rebuild(mine, base)
    assert determine_grade(cell(rebuilt, "why")) == (None, 2)
    assert "Because." in sources(rebuilt)


def test_the_last_of_two_answers_counts_and_both_run(base, mine):
    """Is a duplicated id resolved as nbgrader's DeduplicateIds does it?"""
    first = deepcopy(cell(mine, "solve_double"))
    first.source = "first = 1"
    mine.cells.insert(at(mine, "solve_double"), first)
    rebuilt, changes = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert [grade_id(c) for c in rebuilt.cells].count("solve_double") == 1
    assert cell(rebuilt, "solve_double").source == "def double(x): return 2 * x"
    assert changes == ["cell 'solve_double' was there 2 times; the last one counts"]


def test_retyped_answer_is_code_again(base, mine):
    """Does an answer count whose cell was turned into text by mistake?"""
    place = at(mine, "solve_double")
    mine.cells[place] = text(
        "def double(x): return 2 * x", "id-solve_double", **nbgrader("solve_double", solution=True)
    )
    rebuilt, changes = rebuild(mine, base)
    assert cell(rebuilt, "solve_double").cell_type == "code"
    assert sources(rebuilt) == sources(mine)
    assert changes == ["cell 'solve_double' was a markdown cell; it is a code cell again"]


def test_reordered_cells_go_back(base, mine):
    """Can a grade cell be moved before what it tests?"""
    mine.cells.insert(0, mine.cells.pop(at(mine, "half")))
    rebuilt, changes = rebuild(mine, base)
    assert [c.id for c in rebuilt.cells] == [c.id for c in base.cells]
    assert changes == ["cells stood in another order; they are back in the released one"]


def test_added_cells_stay_where_they_were(base, mine):
    """Does a helper still run before the answer that uses it?"""
    mine.cells.insert(at(mine, "solve_double"), code("helper = 2", "mine-1", tags=["skip-execution"], anything=[1]))
    mine.cells.insert(0, code("first = 1", "mine-2"))
    rebuilt, changes = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert cell(rebuilt, "mine-1").metadata == {}
    assert changes == ["cells that were added carried tags; the tags are gone"]


def test_a_copy_below_its_test_does_not_replace_the_answer(base, mine):
    """Does the answer count that the test met in Jupyter? Whatever the copy holds, it still runs where it stands."""
    copied = deepcopy(cell(mine, "solve_double"))
    copied.source = cell(base, "solve_double").source
    mine.cells.insert(at(mine, "double") + 1, copied)
    rebuilt, changes = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert cell(rebuilt, "solve_double").source == "def double(x): return 2 * x"
    assert changes == ["cell 'solve_double' was there 2 times; the last one before the cell that follows counts"]


def test_a_copy_of_a_test_below_everything_moves_nothing(base, mine):
    """Is what stands between a test and its copy still before the next test?"""
    mine.cells.append(deepcopy(cell(mine, "double")))
    rebuilt, _ = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)


def test_an_answer_in_a_new_cell_comes_before_the_tests(base, mine):
    """Does an answer count whose own cell was deleted and written anew?"""
    mine.cells[at(mine, "solve_double")] = code("def double(x): return 2 * x", "mine")
    rebuilt, _ = rebuild(mine, base)
    assert at(rebuilt, "solve_double") < at(rebuilt, "mine") < at(rebuilt, "double")


def test_answers_are_found_by_cell_id_when_the_metadata_is_lost(base, mine):
    """Does work count that was saved by a tool that drops nbgrader's metadata?"""
    for c in mine.cells:
        c.metadata = NotebookNode()
    rebuilt, _ = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert [grade_id(c) for c in rebuilt.cells] == [grade_id(c) for c in base.cells]


def test_cells_are_found_by_grade_id_and_text_when_cell_ids_are_lost(base, mine):
    """Does work count that was saved by a tool older than nbformat 4.5?"""
    mine.nbformat_minor = 4
    for c in mine.cells:
        del c["id"]
    rebuilt, changes = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)
    assert [c.id for c in rebuilt.cells] == [c.id for c in base.cells]
    assert changes == []


@pytest.mark.parametrize("more", ["", "\n", "  \n\n"])
def test_answers_count_when_metadata_and_ids_are_lost(base, mine, more):
    """Does each answer run before its test, though a tool has left nothing but texts, and these not exactly?"""
    for number, c in enumerate(mine.cells):
        c.metadata, c.id = NotebookNode(), f"new-{number}"
        c.source += more
    rebuilt, _ = rebuild(mine, base)
    answers, others = 2, len(base.cells)
    assert len(rebuilt.cells) == others + answers, "what was only stored in another way is not there twice"
    for name in ("double", "half"):
        (place,) = (i for i, source in enumerate(sources(rebuilt)) if source.startswith(f"def {name}"))
        assert place < at(rebuilt, name)
    assert not any("NotImplementedError" in source for source in sources(rebuilt))


def test_changes_to_unlocked_cells_are_kept(base, mine):
    """May a student change the demonstration?"""
    cell(mine, "demo").source = "print('my own')"
    rebuilt, changes = rebuild(mine, base)
    assert cell(rebuilt, "demo").source == "print('my own')"
    assert changes == []


def test_kernel_comes_from_the_release(base, mine):
    """Is a foreign kernel replaced?"""
    mine.metadata.kernelspec = {"name": "evil", "display_name": "evil", "argv": ["sh"]}
    mine.metadata.language_info = {"name": "bash"}
    rebuilt, changes = rebuild(mine, base)
    assert rebuilt.metadata == base.metadata
    assert changes == ["another kernel was asked for; the notebook runs on 'python3'"]


def test_nbformat_3(base):
    """Is an old notebook's worksheet read?"""
    old = nbformat.from_dict(
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {},
            "worksheets": [
                {
                    "cells": [
                        {"cell_type": "heading", "level": 2, "source": ["Mine"]},
                        {
                            "cell_type": "code",
                            "input": ["def double(x):\n", "    return 2 * x"],
                            "metadata": nbgrader("solve_double", solution=True),
                        },
                    ]
                }
            ],
        }
    )
    rebuilt, _ = rebuild(old, base)
    assert "## Mine" in sources(rebuilt)
    assert cell(rebuilt, "solve_double").source == "def double(x):\n    return 2 * x"


def test_a_release_without_cell_ids():
    """Is a release of nbformat 4.4 rebuilt as one?"""
    base = released()
    base.nbformat_minor = 4
    for c in base.cells:
        del c["id"]
    mine = released()
    mine.cells.append(code("x = 1", "mine"))
    rebuilt, _ = rebuild(mine, base)
    assert not any("id" in c for c in rebuilt.cells)
    nbformat.validate(rebuilt)


def test_pasted_pictures_of_a_written_answer_are_kept():
    """Does a written answer keep its pictures, and a locked text get none?"""
    answer = nbformat.v4.new_markdown_cell(
        "why", metadata=nbgrader("why", grade=True, solution=True, points=1), id="why"
    )
    base = notebook(answer, graded("g", 1))
    mine = deepcopy(base)
    mine.cells[0].attachments = {"a.png": {"image/png": "aGk="}, "bad": 3}
    rebuilt, _ = rebuild(mine, base)
    assert rebuilt.cells[0].attachments == {"a.png": {"image/png": "aGk="}}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(0, 1)
    | st.text(st.characters(exclude_categories=[]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def or_json(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what a notebook holds there, and sometimes anything."""
    return st.one_of(strategy, strategy, strategy, json_values)


names = st.sampled_from(["imports", "solve_double", "double", "solve_half", "half", "foreign", ""])
ids = st.sampled_from([c.id for c in released().cells] + ["mine", "added-1", "no id!", ""])
hostile_cells = st.fixed_dictionaries(
    {},
    optional={
        "id": or_json(ids),
        "cell_type": or_json(st.sampled_from(["code", "markdown", "raw", "heading"])),
        "source": or_json(st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2)),
        "input": json_values,
        "level": json_values,
        "outputs": json_values,
        "attachments": json_values,
        "metadata": or_json(
            st.fixed_dictionaries(
                {},
                optional={
                    "tags": or_json(st.lists(or_json(st.just("skip-execution")), max_size=2)),
                    "nbgrader": or_json(
                        st.fixed_dictionaries(
                            {"grade_id": or_json(names)},
                            optional={"points": json_values, "grade": json_values},
                        )
                    ),
                },
            )
        ),
    },
)
shuffled = st.permutations(released().cells).flatmap(lambda cells: st.lists(st.sampled_from(cells), max_size=12))
hostile = or_json(
    st.fixed_dictionaries(
        {},
        optional={
            "nbformat": json_values,
            "nbformat_minor": json_values,
            "metadata": or_json(st.fixed_dictionaries({"kernelspec": or_json(st.just({"name": "sh"}))})),
            "cells": or_json(st.lists(or_json(hostile_cells), max_size=8)) | shuffled,
            "worksheets": or_json(
                st.lists(or_json(st.fixed_dictionaries({"cells": st.lists(hostile_cells, max_size=3)})), max_size=2)
            ),
        },
    )
)


@given(hostile)
def test_whatever_is_handed_in_the_release_is_what_is_graded(submission):
    """Do locked cells, metadata, order and kernel stay the instructor's, and the arguments as they are?"""
    base, before = released(), deepcopy(submission)
    rebuilt, _ = rebuild(submission, base)

    assert submission == before
    assert base == released()
    nbformat.validate(rebuilt)
    nbformat.writes(rebuilt).encode()
    assert rebuilt.metadata == base.metadata
    ours = [c for c in rebuilt.cells if c.id in {b.id for b in base.cells}]
    assert [c.id for c in ours] == [c.id for c in base.cells]
    for got, want in zip(ours, base.cells, strict=True):
        assert got.metadata == want.metadata
        if is_locked(want) or is_graded(want):
            assert got == want
    for c in rebuilt.cells:
        assert c in ours or c.metadata == {}
        assert c.get("outputs", []) == []


@given(hostile)
def test_rebuilding_twice_is_rebuilding_once(submission):
    """Is a rebuilt notebook its own rebuilt notebook, with nothing left to change?"""
    base = released()
    once, _ = rebuild(submission, base)
    twice, changes = rebuild(once, base)
    assert twice == once
    assert changes == []


@given(st.lists(st.sampled_from(["a = 1", "b = 2", "# c"]), min_size=8, max_size=8))
def test_no_work_is_lost(sources_of_mine):
    """Is every cell a student wrote in the rebuilt notebook?"""
    base, mine = released(), released()
    for place, source in enumerate(sources_of_mine):
        mine.cells.insert(2 * place, code(source, f"mine-{place}"))
    rebuilt, _ = rebuild(mine, base)
    assert sources(rebuilt) == sources(mine)


def test_a_huge_notebook_is_rebuilt_in_time(base):
    """Is the work linear in the number of cells?"""
    mine = notebook()
    mine.cells = [solution("solve_double", f"x = {i}") for i in range(20_000)]
    rebuilt, changes = rebuild(mine, base)
    assert cell(rebuilt, "solve_double").source == "x = 19999"
    assert "cell 'solve_double' was there 20000 times; the last one counts" in changes
