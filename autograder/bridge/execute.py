"""nbgrader's Execute with hidden tests: scores are computed on the trusted side and written into the notebook."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException

from autograder.bridge.attempts import keep_attempt
from autograder.bridge.hidden import WRITTEN, HiddenGraders
from autograder.bridge.platform_files import SECRET, TIME
from autograder.bridge.stock import ExecuteByPolicy
from autograder.course.seed import course_seed
from autograder.course.sprint import Sprint
from autograder.environments import environment_of, lacking_for
from autograder.errors import BadInput
from autograder.grading.conditions import Conditions
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.jail import bubblewrap
from autograder.jail.lane import lane_for
from autograder.notebook.files import merge_files, staged
from autograder.reports.junit import junit_xml
from autograder.reports.scored import with_scores
from autograder.temporary import temporary_folder


class GradeNotebook(ExecuteByPolicy):
    """Runs a sprint's notebook with its hidden tests, and any other notebook as nbgrader does, by the same policy."""

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Grade the notebook, replace the output of grade cells with their scores, and pass the results on."""
        hidden = HiddenGraders.of(self)
        sprint = hidden.sprint_of(resources)
        if sprint is None:
            return super().preprocess(nb, resources, km)
        folder = hidden.results(resources)
        _clear(folder)  # if this run fails, no earlier results must remain
        folder.mkdir(parents=True, exist_ok=True)
        graded, note = self._graded(nb, sprint, resources)
        graded.results.write(folder / "results.json")
        keep_attempt(folder, hidden.submitted(resources), graded.results)
        for test, trace in graded.faults.items():
            self.log.error("%s is broken:\n%s", test, trace)
        if note:
            self.log.warning("%s: graded with %s", folder.parent.name, note)
        resources["nbgrader"]["results"] = graded.results
        return self.scored(graded, sprint, resources), resources

    def scored(self, graded: GradedNotebook, sprint: Sprint, resources: Any) -> NotebookNode:
        """The notebook with its scores."""
        return with_scores(graded.notebook, graded.results, sprint.graders)

    def _graded(self, nb: NotebookNode, sprint: Sprint, resources: Any) -> tuple[GradedNotebook, str]:
        """Grade in this process; the second value is a note if there was no sandbox, else empty."""
        hidden = HiddenGraders.of(self)
        lane = lane_for(self.sandbox, nb, ahead=1, environment=environment_of(sprint))
        conditions = Conditions(lane, course_seed(hidden.data))
        keep = kept_files(self.parent.parent, sprint)
        with staged(hidden.submitted(resources), sprint.release.parent, keep) as files:
            graded = grade_notebook(nb, sprint, conditions, files=files, written=hidden.written(resources))
        (hidden.results(resources) / "junit.xml").write_text(junit_xml(graded.results), encoding="utf-8")
        return graded, "" if lane.jailed else lane.note

    def files(self) -> contextlib.AbstractContextManager[Path]:
        """What a notebook without hidden tests finds beside it.

        nbgrader has copied the submitted files into the graded folder; beside a sprint they stay where they are.
        """
        hidden = HiddenGraders.of(self)
        sprint = hidden.sprint(self.resources["nbgrader"]["assignment"])
        if sprint is None:
            return super().files()
        keep = kept_files(self.parent.parent, sprint)
        return staged(hidden.submitted(self.resources), self._folder(), keep)

    def keep_written(self, bring_back: Callable[[Path], None]) -> None:
        """Keep what a notebook without hidden tests wrote where nbgrader does; beside a sprint, with its results."""
        hidden = HiddenGraders.of(self)
        target = self._folder()
        if hidden.sprint(self.resources["nbgrader"]["assignment"]) is not None:
            target = hidden.written(self.resources)
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
        merge_written(bring_back, target)


class RunNotebook(GradeNotebook):
    """Executes a notebook and grades nothing, for validation and for solutions; what it writes is thrown away."""

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Execute the notebook."""
        return ExecuteByPolicy.preprocess(self, nb, resources, km)

    def files(self) -> contextlib.AbstractContextManager[Path]:
        """The files in the notebook's folder."""
        return ExecuteByPolicy.files(self)

    def keep_written(self, bring_back: Callable[[Path], None]) -> None:
        """Keep nothing."""


def merge_written(bring_back: Callable[[Path], None], *targets: Path) -> None:
    """Merge what a notebook without hidden tests wrote into folders; time and secret are not its to write."""
    with temporary_folder("written") as folder:
        bring_back(Path(folder))
        for name in (TIME, SECRET):
            Path(folder, name).unlink(missing_ok=True)
        for target in targets:
            merge_files(Path(folder), target)


def _clear(results: Path) -> None:
    """Remove a sprint's results, but not what the notebooks beside it have just written."""
    with contextlib.suppress(OSError):
        for path in results.iterdir():
            if path.is_dir() and not path.is_symlink():
                if not path.name.startswith(f"{WRITTEN}."):
                    shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def kept_files(converter: Any, sprint: Sprint) -> list[str]:
    """The submitted files that the released ones do not replace, from nbgrader's `exclude_overwriting`."""
    return list(getattr(converter, "exclude_overwriting", {}).get(sprint.slug, []))


def require_kernels(converter: Any) -> None:
    """Check, before an assignment's first submission, that the sandbox and a sprint's environment are available.

    Raises
    ------
    NbGraderException
        when the sandbox is required but not available, the environment is not built, or there is no folder of hidden
        tests where the course says it is; the reason has been logged.
    """
    try:
        sprint = HiddenGraders.of(converter).sprint(converter.coursedir.assignment_id)
    except BadInput as error:
        converter.log.error("nothing was graded: %s", error)
        raise NbGraderException(f"nothing was graded: {error}") from None
    execute = GradeNotebook(parent=converter)
    if sprint is None and not execute.enabled:
        return
    lacking = bubblewrap.missing() if execute.sandbox == "required" else None
    if lacking is not None:
        said = f"nothing was graded: the sandbox is required but not available: {lacking}"
        converter.log.error("%s (to grade without it by choice: AUTOGRADER_SANDBOX=off)", said)
        raise NbGraderException(said)
    if sprint is None:
        return
    try:
        lacking = lacking_for(sprint)
    except BadInput as error:
        lacking = str(error)
    if lacking is not None:
        converter.log.error("nothing was graded: %s", lacking)
        raise NbGraderException(f"nothing was graded: {lacking}")
