"""Which cell of a submission is which released cell, whatever was copied, deleted or saved by another tool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from nbformat import NotebookNode

from autograder.notebook.cells import grade_id, is_answer
from autograder.notebook.checks_line import without_checks_line
from autograder.notebook.due_line import without_due_line


def match_cells(theirs: Sequence[NotebookNode], base: Sequence[NotebookNode]) -> dict[int, int]:
    """Index of each released cell → index of the submitted cell that matches it.

    Cells match by grade_id first. If a tool has dropped nbgrader's metadata, they match by cell id; if it has dropped
    the ids too, by equal text. An answer is not found by its text: the released text says nothing of whose it is.
    """
    match = _by_name(theirs, base)
    released = {name for cell in base if (name := grade_id(cell))}
    free = [i for i, cell in enumerate(theirs) if grade_id(cell) not in released]
    by_id = {theirs[i].id: i for i in free}
    for i, cell in enumerate(base):
        if i not in match and cell.get("id") in by_id:
            match[i] = by_id[cell.id]

    taken = set(match.values())
    by_text = defaultdict(list)
    for i in reversed(free):
        if i not in taken:
            by_text[_text(theirs[i])].append(i)
    for i, cell in enumerate(base):
        if i not in match and not is_answer(cell) and (same := by_text[_text(cell)]):
            match[i] = same.pop()
    return match


def answers_astray(theirs: Sequence[NotebookNode], base: Sequence[NotebookNode]) -> list[str]:
    """What a person should look at: answers whose cell is gone, or is there several times with different texts."""
    texts = defaultdict(set)
    for cell in theirs:
        texts[grade_id(cell)].add(cell.source.strip())
    match, lines = match_cells(theirs, base), []
    for index, cell in enumerate(base):
        name = grade_id(cell)
        if is_answer(cell) and index not in match:
            lines.append(f"the cell of the answer {name!r} is gone; cells that were added ran in its place")
        elif is_answer(cell) and len(texts[name]) > 1:
            lines.append(f"the cell of the answer {name!r} is there {len(texts[name])} times, each with another text")
    return lines


def _by_name(theirs: Sequence[NotebookNode], base: Sequence[NotebookNode]) -> dict[int, int]:
    """The matches by grade_id. Of several cells with one, the last counts that stands before what follows it.

    nbgrader takes the last of all. A copy of an answer that was left below its test does nothing in Jupyter, where the
    answer above has been tested by then.
    """
    places = defaultdict(list)
    for i, cell in enumerate(theirs):
        if name := grade_id(cell):
            places[name].append(i)
    match, end = {}, len(theirs)
    for i in range(len(base) - 1, -1, -1):
        found = places.get(grade_id(base[i]) or "", [])
        if len(found) == 1:
            end = found[0]
        if found:
            match[i] = next((place for place in reversed(found) if place < end or len(found) == 1), found[-1])
    return match


def _text(cell: NotebookNode) -> tuple[str, str]:
    """What a tool that saves a notebook leaves as it is: the type and the text, without space at the ends.

    The lines that a release adds are left out: the student may have fetched the notebook before they were there, or
    when it was due at another time.
    """
    written = without_checks_line(without_due_line(cell.source).strip())
    return cell.cell_type, "\n".join(line.rstrip() for line in written.strip().splitlines())
