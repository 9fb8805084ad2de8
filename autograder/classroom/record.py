"""Writes graded submissions into nbgrader's gradebook and folders, as if `nbgrader autograde` had graded them here.

nbgrader's own converter does this, with its preprocessors in its order; only the execution took place in a worker.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbconvert.writers import FilesWriter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties, IgnorePattern, LimitOutput, SaveAutoGrades
from nbgrader.utils import rmtree, setenv

from autograder.bridge.apart import settings_of
from autograder.bridge.attempts import keep_attempt
from autograder.bridge.config import set_aside
from autograder.bridge.converters import student_of
from autograder.bridge.course_settings import CONFIG, nbgrader_in
from autograder.bridge.execute import GradeNotebook, kept_files
from autograder.bridge.exporter import VALID
from autograder.bridge.gradebook import OneGradebook
from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.looks import Looks
from autograder.bridge.metadata import CheckOnce
from autograder.bridge.sanitize import BY_RELEASED_CELLS, RebuildSubmission
from autograder.bridge.save import SaveGrades, save_score
from autograder.classroom.stock import stock_results
from autograder.classroom.work import Graded
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.by_hand import with_answers
from autograder.grading.engine import GradedNotebook
from autograder.grading.fingerprint import fingerprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.notebook.cells import cells_with_tests, grade_id, is_graded, points
from autograder.notebook.files import merge_files, read_files, staged, write_files, write_whole
from autograder.notebook.prepare import prepare
from autograder.notebook.read import parsed, read_notebook, read_release
from autograder.notebook.write import notebook_text
from autograder.reports.html import score_output
from autograder.temporary import temporary_folder

LOG = "autograde.log"


class TakeGraded(GradeNotebook):
    """Uses a worker's result, where GradeNotebook would grade in this process."""

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Leave a notebook as it is that a worker has executed; it has no hidden tests."""
        graded: Graded | None = resources.get("graded")
        if graded is not None and graded.stock:
            return nb, resources
        return super().preprocess(nb, resources, km)

    def scored(self, graded: GradedNotebook, sprint: Sprint, resources: Any) -> NotebookNode:
        """The notebook with its scores, unless a worker has put them in."""
        if resources["graded"].finished:
            return graded.notebook
        return super().scored(graded, sprint, resources)

    def _graded(self, nb: NotebookNode, sprint: Sprint, resources: Any) -> tuple[GradedNotebook, str]:
        hidden = HiddenGraders.of(self)
        graded: Graded = resources["graded"]
        (hidden.results(resources) / "junit.xml").write_text(graded.junit, encoding="utf-8")
        if graded.written:
            with temporary_folder("written") as folder:
                write_files(graded.written, Path(folder))
                merge_files(Path(folder), hidden.written(resources))
        return GradedNotebook(nb, graded.results, graded.faults), graded.note


KEEP_VALID = {
    TakeGraded, IgnorePattern, ClearMetadataPreprocessor, LimitOutput, SaveGrades, AssignLatePenalties, CheckOnce
}  # fmt: skip
"""Steps after which a valid notebook is still valid."""


class Recorder(Autograde):
    """nbgrader's autograde for one submission at a time, in two halves: before a worker grades it, and after."""

    def __init__(self, root: Path, slug: str) -> None:
        app = nbgrader_in(root, AutogradeApp())
        setting = set_aside(app.config)
        if setting is not None:
            why = f"{setting} leaves its steps out"
            raise BadInput(f"{root / CONFIG} does not grade with the platform ({why}): run 'autograder adopt' once")
        app.coursedir.assignment_id = slug
        super().__init__(coursedir=app.coursedir, parent=app)
        self.looks = Looks()
        self.hidden = HiddenGraders.of(self)
        self.data = self.hidden.data
        _log_to(self.data / LOG, app.log)
        self.force = True
        ours = {GradeNotebook: TakeGraded}
        for trait in ("sanitize_preprocessors", "autograde_preprocessors"):
            self.set_trait(trait, [ours.get(step, step) for step in getattr(self, trait)])
        self.writer = FilesWriter(parent=self, config=self.config)
        self._exporters: dict[bool, Any] = {}
        self._graded: Graded | None = None
        self._gradebook: OneGradebook | None = None

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[Gradebook]:
        """Run nbgrader's steps in the course's folder, in one gradebook transaction that is committed at the end."""
        if self._gradebook is None:
            self._gradebook = OneGradebook(self.coursedir.db_url, self.coursedir.course_id)
        with contextlib.chdir(self.coursedir.root), self._gradebook.transaction():
            yield self._gradebook

    @functools.cached_property
    def policy(self) -> str:
        """The sandbox policy in the course's configuration."""
        return str(GradeNotebook(parent=self).sandbox)

    def results_of(self, student: str) -> Path:
        """The folder of a student's results."""
        return self.hidden.results({"nbgrader": {"student": student, "assignment": self.coursedir.assignment_id}})

    def submissions(self) -> dict[str, Path]:
        """The folders of the collected submissions by student, without students that the configuration excludes."""
        slug = self.coursedir.assignment_id
        excluded = self.coursedir.student_id_exclude.split(",")
        folders = sorted(glob.glob(self._format_source(slug, "*")))
        found = {student_of(folder, self.coursedir): Path(folder) for folder in folders if os.path.isdir(folder)}
        return {student: folder for student, folder in found.items() if student not in excluded}

    def rebuilding_is_all(self, sprint: Sprint) -> bool:
        """Whether the first half is nothing but the rebuild on the released notebook, which a worker can do.

        nbgrader's steps after it look at the released cells alone. If they leave the release as it is, they leave each
        submission as it is that was rebuilt on it. With a step of the course's own, nobody knows.
        """
        first, *others = self.sanitize_preprocessors
        if first is not RebuildSubmission or not set(others) <= BY_RELEASED_CELLS:
            return False
        slug, release = sprint.slug, sprint.release
        about = {"student": "", "assignment": slug, "notebook": slug, "db_url": self.coursedir.db_url}
        sanitized = self._sanitized(release, {"nbgrader": about})
        return sanitized == prepare(read_notebook(release), read_release(release)).notebook

    def sanitize(self, submitted: Path, sprint: Sprint) -> str:
        """The first half: the sanitized notebook as JSON. Nothing is written."""
        path = submitted / f"{sprint.slug}.ipynb"
        return json.dumps(self._sanitized(path, self.init_single_notebook_resources(str(path))))

    def _sanitized(self, path: Path, resources: Any) -> NotebookNode:
        with self._at_work():
            self._sanitizing = True
            self._init_preprocessors()
            return self.exporter.sanitized(path, resources)

    def files(self, submitted: Path, sprint: Sprint) -> dict[str, bytes]:
        """The files next to a submitted notebook, by relative path; released ones replace those of the same name."""
        with staged(submitted, sprint.release.parent, kept_files(self, sprint)) as folder:
            return read_files(folder)

    @functools.cached_property
    def settings(self) -> dict[str, Any]:
        """The course's settings for the execution of notebooks without hidden tests."""
        return settings_of(self.config)

    def sanitize_stock(self, submitted: Path, sprint: Sprint) -> dict[str, str]:
        """As :meth:`sanitize`, for an assignment without hidden graders: its notebooks by name.

        Raises
        ------
        NbGraderException
            when there is none of the assignment's notebooks; whatever nbgrader raises for one that it cannot read.
        """
        notebooks = {}
        with self._at_work() as gradebook:
            self._sanitizing = True
            self._init_preprocessors()
            for known in gradebook.find_assignment(sprint.slug).notebooks:
                path = submitted / f"{known.name}.ipynb"
                if path.is_file():
                    resources = self.init_single_notebook_resources(str(path))
                    notebooks[str(known.name)], _ = self.exporter.from_filename(str(path), resources=resources)
        if not notebooks:
            raise NbGraderException("none of the assignment's notebooks was handed in")
        return notebooks

    def record(self, student: str, submitted: Path, graded: Graded) -> None:
        """The second half: write the graded notebook, its files, its results and its rows in the gradebook.

        Raises
        ------
        Exception
            whatever nbgrader raises; the folder of the graded notebook has been removed then.
        """
        slug = self.coursedir.assignment_id
        self._graded = graded
        self.notebooks = sorted(str(path) for path in submitted.glob("*.ipynb") if path.is_file())
        try:
            with self._at_work():
                self.init_destination(slug, student)
                self.run_pre_convert_hook()
                self.init_assignment(slug, student)
                for notebook in self.notebooks:
                    self.convert_single_notebook(notebook)
                if graded.stock:
                    self._record_stock(student, graded)
                self.set_permissions(slug, student)
                self.run_post_convert_hook()
        except BaseException:
            unfinished = self.coursedir.format_path(self.coursedir.autograded_directory, student, slug)
            unfinished = os.path.join(self.coursedir.root, unfinished)
            if os.path.exists(unfinished):
                rmtree(unfinished)
            raise

    def with_results(self, student: str, graded: Graded) -> Graded:
        """The same, with the results by nbgrader's rules: after the steps that clean outputs, as the grades are."""
        slug, found = self.coursedir.assignment_id, {}
        saves = (TakeGraded, SaveAutoGrades, AssignLatePenalties)
        cleaning = [step for step in self.autograde_preprocessors if not issubclass(step, saves)]
        for name, text in graded.stock.items():
            exporter = self.exporter_class(parent=self, config=self.config)
            exporter._preprocessors = []
            nb, about = parsed(text), {"student": student, "assignment": slug, "notebook": name}
            resources: Any = {"nbgrader": {**about, "db_url": self.coursedir.db_url}}
            for step in cleaning:
                exporter.register_preprocessor(step)
            for process in exporter._preprocessors:
                nb, resources = process(nb, resources)
            found[name] = nb
        return replace(graded, results=stock_results(slug, found, graded.results.graded_with))

    def _record_stock(self, student: str, graded: Graded) -> None:
        """Write what belongs to an assignment without hidden graders besides its notebooks and grades."""
        slug = self.coursedir.assignment_id
        with temporary_folder("written") as folder:
            write_files(graded.written, Path(folder))
            merge_files(Path(folder), Path(self._format_dest(slug, student)))
        results = self.results_of(student)
        results.mkdir(parents=True, exist_ok=True)
        graded.results.write(results / "results.json")
        keep_attempt(results, self.hidden.folder(self.coursedir.submitted_directory, student, slug), graded.results)
        if graded.note:
            self.log.warning("%s: executed with %s", student, graded.note)

    def merge(self, student: str, results: Results, later: Graded) -> None:
        """Put the cells of a later run into the recorded submission, and touch nothing else.

        Parameters
        ----------
        results
            all results of the submission, including those of the later run
        later
            the result of the later run
        """
        slug = self.coursedir.assignment_id
        run_again = {cell.id for cell in later.results.cells}
        cells = {cell.id: cell for cell in results.cells if isinstance(cell, CellResult) and cell.id in run_again}
        notebook = self.hidden.folder(self.coursedir.autograded_directory, student, slug) / f"{slug}.ipynb"
        nb = nbformat.read(notebook, as_version=4)
        for cell in nb.cells:
            if is_graded(cell) and grade_id(cell) in cells:
                cell.outputs = [score_output(cells[grade_id(cell) or ""])]
        folder = self.results_of(student)
        about = {"student": student, "assignment": slug, "notebook": slug, "db_url": self.coursedir.db_url}
        with self._at_work() as gradebook:
            for name in cells:
                save_score(gradebook.find_grade(name, slug, slug, student), name, results)
            AssignLatePenalties(parent=self).preprocess(nb, {"nbgrader": about})
        write_whole(notebook, notebook_text(nb))
        write_whole(folder / "junit.gpu.xml", later.junit)
        results.write(folder / "results.json")
        keep_attempt(folder, self.hidden.folder(self.coursedir.submitted_directory, student, slug), results)
        for test, trace in later.faults.items():
            self.log.error("%s is broken:\n%s", test, trace)

    def _init_preprocessors(self) -> None:
        """Use the exporter with the steps of this half; nbgrader would make a new one for each notebook."""
        half = bool(self._sanitizing)
        if half not in self._exporters:
            self._exporters[half] = self.exporter = self.exporter_class(parent=self, config=self.config)
            super()._init_preprocessors()
        self.exporter = self._exporters[half]

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Run nbgrader's second step on the notebook that a worker graded; the first step was done before."""
        assert self._graded is not None
        name = os.path.basename(notebook_filename).removesuffix(".ipynb")
        if not self._graded.stock and name != self.coursedir.assignment_id:
            super().convert_single_notebook(notebook_filename)  # another notebook beside a sprint's
            return
        done = self._graded.stock.get(name, self._graded.notebook)
        resources = self.init_single_notebook_resources(notebook_filename)
        resources["graded"] = self._graded
        resources[VALID] = self._graded.finished and set(self.autograde_preprocessors) <= KEEP_VALID
        self._sanitizing = False
        self._init_preprocessors()
        try:
            with setenv(NBGRADER_EXECUTION="autograde"):
                output, resources = self.exporter.graded(parsed(done), resources)
        finally:
            self._sanitizing = True
        self.write_single_notebook(output, resources)


def broken(sanitized: str, sprint: Sprint, reason: str) -> Graded:
    """The result recorded for a submission that could not be executed: every cell is broken and has no points."""
    notebook = nbformat.reads(sanitized, as_version=4)
    cells = []
    for name, place in cells_with_tests(notebook).items():
        worth = points(notebook.cells[place])
        test = TestResult("execution", "The notebook can be executed", Outcome.BROKEN, 0.0, worth, reason)
        cells.append(CellResult(name, worth, [test]))
    results = Results(sprint.slug, sprint.release.stem, with_answers(cells, notebook), fingerprint(sprint.graders))
    return Graded(json.dumps(notebook), results, faults={"execution": reason})


def _log_to(path: Path, log: logging.Logger) -> None:
    """Send nbgrader's messages to a file, because the terminal shows the progress bar."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.handleError = lambda record: None  # type: ignore[method-assign] # saving grades reports a full disk already
    handler.setLevel(logging.INFO)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for old in list(log.handlers):
        log.removeHandler(old)
    log.addHandler(handler)
    log.propagate = False
