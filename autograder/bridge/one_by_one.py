"""nbgrader's converters, changed so that what one student's files make them raise is that student's line at the end.

nbgrader goes on after an unexpected exception, but then ends with exit code 1, as if nobody had been done: a script
stops there, and nobody gets what comes next. Here the command ends with 0 if it did what it should for anybody, and
names who needs a look. A fault that meets everybody, such as a database that cannot be read, still ends it with 1.

Without hidden graders the exit code stays nbgrader's, but one student's notebook does not end the class: nbgrader stops
at the first grade cell that exists twice, or whose metadata have another version.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError

from autograder.bridge.converters import student_of
from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.looks import Looks
from autograder.errors import BadInput, raise_if_full

_ONE_STUDENTS = SchemaTooOldError | SchemaTooNewError
"""nbgrader does not go on after these, as if the whole class had to be updated; a student may have copied a cell."""
TO_DO = "the log above says where; run the command again for this student once it is put right"


def install() -> None:
    """Change how the two steps that read students' work go through a class."""
    for converter in (Autograde, GenerateFeedback):
        stock = converter.convert_notebooks
        if not getattr(stock, "one_by_one", False):
            converter.convert_notebooks = _one_by_one(stock)


def _one_by_one(stock: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(stock)
    def convert_notebooks(self: Any) -> None:
        hidden = HiddenGraders.of(self).sprint(self.coursedir.assignment_id) is not None
        looks, everybody = getattr(self, "looks", None) or Looks(), dict(self.assignments)
        raised = _raised(self, hidden)
        failed: list[NbGraderException] = []
        try:
            for folder in sorted(everybody):
                self.assignments = {folder: everybody[folder]}
                raised.clear()
                try:
                    stock(self)
                except NbGraderException as error:
                    if not isinstance(error.__context__, _ONE_STUDENTS | None):
                        raise  # nbgrader does not go on after this: it meets everybody
                    why = raised[-1] if raised else error
                    raise_if_full(why)
                    failed.append(error)
                    done = "was not graded" if isinstance(self, Autograde) else "got no feedback"
                    student = student_of(folder, self.coursedir, self._input_directory)
                    kind = "" if isinstance(why, BadInput) else f"{type(why).__name__}: "
                    looks.add(student, f"{done} ({kind}{why})", TO_DO)
        finally:
            self.assignments = everybody
            if not hasattr(self, "looks"):  # those that have are told of by whoever made them
                looks.tell(self.log)
        if failed and (len(failed) == len(everybody) or not hidden):
            raise failed[-1]

    convert_notebooks.one_by_one = True  # type: ignore[attr-defined]
    return convert_notebooks


def _raised(converter: Any, hidden: bool) -> list[Exception]:
    """What this converter's conversion of a notebook raises from now on: nbgrader logs it, and forgets it."""
    raised: list[Exception] = []
    convert = type(converter).convert_single_notebook

    def convert_single_notebook(notebook: str) -> None:
        try:
            if not hidden and os.path.islink(notebook):  # it may be any file: another student's, or the solution
                raise BadInput(f"{os.path.basename(notebook)} is a link, and what it leads to is not graded")
            convert(converter, notebook)
        except Exception as error:
            raised.append(error)
            raise

    converter.convert_single_notebook = convert_single_notebook
    return raised
