"""nbgrader's SaveAutoGrades, with exact scores from hidden tests; scores that are not final are left open."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import SaveAutoGrades

from autograder.bridge.gradebook import one_transaction
from autograder.bridge.hidden import HiddenGraders
from autograder.grading.results import Results
from autograder.notebook.cells import grade_id, is_task

ROUNDING = 1e-9  # 0.1 + 0.2 is more than 0.3


class SaveGrades(SaveAutoGrades):
    """Takes the points of cells with hidden tests from the results, never from the notebook's outputs.

    nbgrader handles answers that a person grades: they stay open, or get 0 if nothing was written. It forgets tasks,
    which a person grades too: here they stay open.

    All scores and comments of a notebook are one transaction: they are saved together or not at all, in one write.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save as nbgrader does, but commit once at the end instead of after each cell.

        Outside of nbgrader's commands, without a parent, it belongs to no course, so it is nbgrader's own step.
        """
        self._sprint = HiddenGraders.of(self).sprint_of(resources) if self.parent else None
        with one_transaction(resources["nbgrader"]["db_url"]):
            done: tuple[NotebookNode, Any] = super().preprocess(nb, resources)
        return done

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """Save a cell's points and comment; leave a task to a person."""
        if self._sprint is not None and is_task(cell):
            name = cell.metadata.nbgrader.grade_id
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            grade.needs_manual_grade = True
        done: tuple[NotebookNode, Any] = super().preprocess_cell(cell, resources, cell_index)
        return done

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        sprint = self._sprint
        name = grade_id(cell) or ""
        results = resources["nbgrader"].get("results")
        ours = results is not None and any(cell.id == name and not cell.by_hand for cell in results.cells)
        if sprint is None or not (ours or sprint.grader_of(name).is_file()):
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        save_score(grade, name, results)
        if grade.auto_score is None:
            self.log.warning("%s of %s: cell '%s' has no final score yet", sprint.slug, self.student_id, name)
        self.gradebook.db.commit()


def save_score(grade: Any, name: str, results: Results | None) -> None:
    """Save a cell's points in the gradebook; a score not final, or graded by hand before, is flagged for review."""
    grade.auto_score = final_score(results, name, grade.max_score)
    grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None


def final_score(results: Results | None, name: str, max_score: float) -> float | None:
    """A cell's points; None if it is pending, broken, not graded, or has more points than it is worth."""
    cell = next((cell for cell in results.cells if cell.id == name), None) if results else None
    if cell is None or cell.status != "graded" or not 0 <= cell.points <= max_score + ROUNDING:
        return None
    return min(cell.points, max_score)
