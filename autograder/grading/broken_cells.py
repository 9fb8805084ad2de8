"""The cells of a submission that failed, and what they took away: the names that they would have defined.

A cell that raised, was stopped or did not run is a cause. A later cell that fails because of it is none of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.grading.causes import Cause
from autograder.grading.evidence import Failure, defined_in, failure_in, is_syntax
from autograder.notebook.cells import grade_id, is_answer, is_graded, runs
from autograder.notebook.places import editor_line, executed, numbers, task_at

NOT_RUN = "not run: "
"""How the platform's own message begins for a cell that was not run, because the submission's time was used up."""
MAX_CELLS = 20
"""How many cells that failed are named at most, beside those that made tests be skipped."""
_STOPPED = ("TimeoutError", "KernelDied")


@dataclass(frozen=True)
class BrokenAnswer:
    """An answer that did not run to its end. ``nothing``: nothing of it ran."""

    cause: Cause
    nothing: bool


@dataclass
class BrokenCells:
    """The cells of one submission, looked at for causes.

    Attributes
    ----------
    notebook, released
        the notebook that ran, with its outputs, and the one that students got
    places
        the grade cells with tests: their index in the notebook
    answers
        the answers that did not run to their end, by task
    found, spent
        causes by their text: cells that failed, and those that did not run because no time was left
    sure
        the texts of causes that are the cell's own fault, whatever stands before it: it does not parse, is not
        written, or defines a name too late
    """

    notebook: NotebookNode
    released: NotebookNode
    places: Mapping[str, int]

    def __post_init__(self) -> None:
        """Look at the cells."""
        self._stubs = {name: cell.source for cell in self.released.cells if (name := grade_id(cell))}
        self._lost: dict[str, tuple[int, Cause]] = {}
        self.answers: dict[str, BrokenAnswer] = {}
        self._given = {name for source in self._stubs.values() for name in defined_in(source)}
        self._numbers = numbers(self.notebook.cells)
        self.found: dict[str, Cause] = {}
        self.spent: dict[str, Cause] = {}
        self.sure: set[str] = set()
        for place, cell in enumerate(self.notebook.cells):
            failure = failure_in(cell.outputs, cell.get("execution_count")) if runs(cell) else None
            if failure is not None and is_graded(cell):
                self._look_at_check(place, cell, failure)
            elif failure is not None:
                self._look_at(place, cell, failure)

    @functools.cached_property
    def defines(self) -> list[frozenset[str]]:
        """The names that each cell defines."""
        return [frozenset(defined_in(cell.source)) if runs(cell) else frozenset() for cell in self.notebook.cells]

    def known(self, place: int, failure: Failure) -> Cause | None:
        """The cause that took away what was missing at this place of the notebook."""
        lost = (self._lost.get(name) for name in failure.missing)
        return next((found[1] for found in lost if found and found[0] < place), None)

    def unwritten(self, task: str, failure: Failure) -> Cause | None:
        """The cell that raised NotImplementedError as it was released; the task's own if no frame says which."""
        if failure.kind != "NotImplementedError":
            return None
        places = [self.place_of(failure), *self._answers_of(task)]
        released = (place for place in places if place is not None and self._as_released(self.notebook.cells[place]))
        return next((self.cause("unanswered", place) for place in released), None)

    def undefined(self, task: str, failure: Failure) -> Cause | None:
        """The cell that should define a name, if the student's notebook has it too late or not at all."""
        name = next((name for name in failure.missing if not name.startswith(".")), None)
        if name is None:
            return None
        cells, test = list(enumerate(self.notebook.cells)), self.places[task]
        used = self.place_of(failure)
        for place, cell in cells[test + 1 :]:
            if runs(cell) and not is_graded(cell) and name in self.defines[place]:
                if used is None or failure.frame is None or not is_answer(cells[used][1]):
                    return self.cause("misplaced", place, name=name)
                return self.cause("early", used, line=failure.frame[1], name=name, other=self._numbers[place])
        for place, cell in cells[:test]:
            if is_answer(cell) and name in defined_in(self._stubs.get(grade_id(cell) or "", "")):
                return self.cause("undefined", place, name=name)
        own = self._answers_of(task)
        check = cells[test][1].get("execution_count")
        if own and (failure.asked or (failure.frame and failure.frame[0] == check)):
            return self.cause("undefined", own[-1], name=name)
        return None

    def cause(self, kind: str, place: int, *, line: int = 0, error: str = "", name: str = "", other: int = 0) -> Cause:
        """A cause of this kind at a cell."""
        cell = self.notebook.cells[place]
        task = task_at(place, self.places) if is_answer(cell) else ""
        line = editor_line(cell.source, line) if line else 0
        line = line if line <= cell.source.count("\n") + 1 else 0
        about = {"cell": self._numbers[place], "line": line, "task": task, "answer": grade_id(cell) or ""}
        cause = Cause.of(kind, error=error, name=name, other=other, **about)
        if kind not in ("raised", "call"):
            self.sure.add(cause.text)
        return cause

    def number_of(self, place: int) -> int:
        """The number of the cell at a place, as Jupyter numbers them; 0 if it does not run."""
        return self._numbers[place]

    def place_of(self, failure: Failure) -> int | None:
        """The cell of a failure's frame, if that is known."""
        return executed(self.notebook.cells, failure.frame[0]) if failure.frame else None

    def _look_at(self, place: int, cell: NotebookNode, failure: Failure) -> None:
        if failure.message.startswith(NOT_RUN) and not cell.get("execution_count"):  # else the student's code says so
            spent = Cause.of("spent", error=failure.message.removeprefix(NOT_RUN))
            self.spent.setdefault(spent.text, spent)
            return
        name, task = grade_id(cell) or "", task_at(place, self.places)
        here = failure.frame is not None and failure.frame[0] == cell.get("execution_count")
        cause = self.known(place, failure)
        if cause is None:
            if self._as_released(cell) and failure.kind == "NotImplementedError":
                cause = self.cause("unanswered", place)
            elif is_answer(cell) or here or failure.kind in _STOPPED:
                line = failure.frame[1] if failure.frame and here else 0
                cause = self.cause("raised", place, line=line, error=failure.error)
                if is_syntax(failure.kind):
                    self.sure.add(cause.text)
                if not (set(failure.missing) & self._given and not is_answer(cell)) and len(self.found) < MAX_CELLS:
                    self.found[cause.text] = cause
            else:
                return
        for lost in {*defined_in(self._stubs.get(name, "")), *self.defines[place]}:
            self._lost.setdefault(lost, (place, cause))
        if is_answer(cell) and task:
            nothing = is_syntax(failure.kind) or failure.kind == "KernelDied"
            self.answers.setdefault(task, BrokenAnswer(cause, nothing))

    def _look_at_check(self, place: int, cell: NotebookNode, failure: Failure) -> None:
        """A public check is no cause; but later cells may use what it would have defined."""
        task = grade_id(cell) or ""
        broken = self.answers.get(task)
        cause = self.known(place, failure) or (broken.cause if broken else None)
        cause = cause or (self.unwritten(task, failure) if task in self.places else None)
        if cause is not None:
            for lost in self.defines[place]:
                self._lost.setdefault(lost, (place, cause))

    def _answers_of(self, task: str) -> list[int]:
        """The places of the task's answers, in order."""
        cells = enumerate(self.notebook.cells[: self.places[task]])
        return [place for place, cell in cells if is_answer(cell) and task_at(place, self.places) == task]

    def _as_released(self, cell: NotebookNode) -> bool:
        return is_answer(cell) and cell.source.strip() == self._stubs.get(grade_id(cell) or "", "").strip()
