"""Rebuilds a submission on the notebook that the instructor released.

The platform grades the released notebook with the student's answers in it, never the student's own file. So nothing
that a student changes in metadata, tags, locked cells, the order of cells or the choice of kernel reaches the grader.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.course.sprint import Sprint
from autograder.notebook.cells import FIELDS, grade_id, is_answer, is_graded, is_locked, settings, tags
from autograder.notebook.checks_line import without_checks_line
from autograder.notebook.due_line import due_line, with_due_line, without_due_line
from autograder.notebook.match import match_cells
from autograder.notebook.read import check_submission, read_notebook, read_release
from autograder.notebook.tidy import FreshIds, tidy

_log = logging.getLogger(__name__)
START = -1  # the index for added cells that come before every released cell


def load_submission(path: Path, sprint: Sprint) -> NotebookNode:
    """Read a submission and rebuild it on the released notebook.

    Raises
    ------
    BadInput
        when it is not a notebook of this sprint.
    """
    base = read_release(sprint.release)
    submission = read_notebook(path)
    check_submission(submission, base, path)
    notebook, changes = rebuild(submission, base)
    for change in changes:
        _log.info("%s: %s", path, change)
    return notebook


def rebuild(submission: NotebookNode, base: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The notebook to grade, made from `base` and the student's work, and a list of what had to be changed.

    Solution cells and unlocked cells take the student's source; everything else comes from `base`. If a grade_id
    occurs more than once, one counts (:mod:`autograder.notebook.match`). The others, and the cells that the student
    added, run at their places between the released cells, without metadata. Neither argument is modified.
    """
    theirs = tidy(submission)
    match = match_cells(theirs.cells, base.cells)
    changes = _kernel_change(theirs, base) + _cell_changes(theirs.cells, base.cells, match)
    added = _added_cells(theirs.cells, base.cells, match)
    if any(tags(cell) for cells in added.values() for cell in cells):
        changes.append("cells that were added carried tags; the tags are gone")

    has_ids = any("id" in cell for cell in base.cells)
    ids = FreshIds(cell.id for cell in base.cells if "id" in cell)
    cells: list[NotebookNode] = []
    for index in range(START, len(base.cells)):
        if index != START:
            cells.append(_released_cell(base.cells[index], theirs.cells[match[index]] if index in match else None))
        cells += [_plain_cell(cell, ids if has_ids else None) for cell in added[index]]
    rebuilt = deepcopy(NotebookNode({key: value for key, value in base.items() if key != "cells"}))
    rebuilt.cells = cells
    return rebuilt, changes


def _added_cells(
    theirs: list[NotebookNode], base: list[NotebookNode], match: dict[int, int]
) -> dict[int, list[NotebookNode]]:
    """Index of each released cell → the student's own cells that follow it."""
    released = {mine: index for index, mine in match.items()}
    added: dict[int, list[NotebookNode]] = defaultdict(list)
    after = START
    for i, cell in enumerate(theirs):
        if i in released:
            after = released[i]
        else:
            added[_past_missing(after, base, match)].append(cell)
    return added


def _past_missing(index: int, base: list[NotebookNode], match: dict[int, int]) -> int:
    """The index of the last of the missing cells that are restored after `index`; it stops before a grade cell.

    This makes an answer count when a student deleted the answer cell and wrote the answer into a new one: the restored
    cell comes first, then the new cell, then the grade cell.
    """
    while index + 1 < len(base) and index + 1 not in match and not is_graded(base[index + 1]):
        index += 1
    return index


def _released_cell(cell: NotebookNode, mine: NotebookNode | None) -> NotebookNode:
    """A released cell, with the student's source unless the cell is locked.

    An answer that the student deleted is empty. Its stub would run after what they wrote elsewhere and replace it; and
    a written answer that still had the released text would get 0 points unread.
    """
    result = deepcopy(cell)
    if mine is None and is_answer(cell):
        result.source = ""
    elif mine is not None and not is_locked(cell):
        result.source = mine.source
        line = due_line(cell.source)
        if line and due_line(mine.source):  # the date may have been moved since the notebook was fetched
            result.source = with_due_line(mine.source, line)
        if not grade_id(cell):
            result.cell_type = mine.cell_type
        if "attachments" in mine and result.cell_type != "code":
            result.attachments = deepcopy(mine.attachments)
    return _without_outputs(result)


def _plain_cell(cell: NotebookNode, ids: FreshIds | None) -> NotebookNode:
    """A cell that the student added: its type, source and pictures, but nothing that affects a kernel or nbgrader."""
    result = NotebookNode(cell_type=cell.cell_type, metadata=NotebookNode(), source=cell.source)
    if ids is not None:
        result.id = ids.take(cell.id)
    if "attachments" in cell:
        result.attachments = deepcopy(cell.attachments)
    return _without_outputs(result)


def _without_outputs(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        cell.pop("attachments", None)
        cell.outputs = []
        cell.execution_count = None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    return cell


def _kernel_change(theirs: NotebookNode, base: NotebookNode) -> list[str]:
    def name(nb: NotebookNode) -> Any:
        return nb.metadata.get("kernelspec", {}).get("name")

    if name(theirs) in (None, name(base)):
        return []
    return [f"another kernel was asked for; the notebook runs on {name(base)!r}"]


def _cell_changes(theirs: list[NotebookNode], base: list[NotebookNode], match: dict[int, int]) -> list[str]:
    """One line for each correction. Lines name released cells only and repeat none of the student's text."""
    changes = []
    seen = Counter(grade_id(cell) for cell in theirs)
    last = {grade_id(cell): place for place, cell in enumerate(theirs)}
    for index, cell in enumerate(base):
        name = grade_id(cell)
        if index not in match:
            if due_line(cell.source) and not without_due_line(cell.source).strip():
                continue  # a notebook that was fetched before there was a due date
            empty = ", empty" if is_answer(cell) else ""
            changes.append(f"{_called(cell, index)} was missing and is back{empty}")
            continue
        mine = theirs[match[index]]
        if name and seen[name] > 1:
            which = "the last one" if match[index] == last[name] else "the last one before the cell that follows"
            changes.append(f"{_called(cell, index)} was there {seen[name]} times; {which} counts")
        if mine.cell_type != cell.cell_type and name:
            changes.append(f"{_called(cell, index)} was a {mine.cell_type} cell; it is a {cell.cell_type} cell again")
        if is_locked(cell) and _written(mine) != _written(cell):
            changes.append(f"{_called(cell, index)} was edited; the released text is used")
        if tags(mine) != tags(cell) or (name and _settings(mine) != _settings(cell)):
            changes.append(f"{_called(cell, index)} had other tags or settings; the released ones are used")
    order = [match[index] for index in sorted(match)]
    if order != sorted(order):
        changes.append("cells stood in another order; they are back in the released one")
    return changes


def _written(cell: NotebookNode) -> str:
    """A cell's text without the lines that a release adds, which an earlier copy of it may lack."""
    return without_checks_line(without_due_line(str(cell.source)))


def _settings(cell: NotebookNode) -> dict[str, Any]:
    """A cell's nbgrader settings, without the two fields that older versions of nbgrader do not write."""
    known = settings(cell)
    return {key: known.get(key) or False for key in FIELDS if key not in ("cell_type", "schema_version")}


def _called(cell: NotebookNode, index: int) -> str:
    name = grade_id(cell)
    return f"cell {name!r}" if name else f"the released {cell.cell_type} cell number {index + 1}"
