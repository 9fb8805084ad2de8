"""Grades one notebook, without a gradebook: for `autograder grade`, and for Gradescope."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.course.seed import course_seed
from autograder.course.sprint import Sprint, data_folder, project_root
from autograder.environments import environment_of, lacking_for
from autograder.errors import BadInput, PlatformFault
from autograder.grading.conditions import Conditions
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.results import Results, read_results
from autograder.grading.run import Progress
from autograder.grading.selection import Selection
from autograder.jail.lane import Lane, lane_for
from autograder.notebook.files import staged


def grade_one(
    submission: NotebookNode,
    sprint: Sprint,
    *,
    files: Path | None,
    policy: str,
    only_gpu: bool = False,
    progress: Progress | None = None,
) -> tuple[GradedNotebook, Lane]:
    """Grade a rebuilt submission; return the graded notebook and the lane it was graded in.

    ``files``: the folder with the files next to the notebook. ``only_gpu``: run only the tests that need a GPU.

    Raises
    ------
    BadInput
        when there is no such policy, or ``only_gpu`` is set and no test needs a GPU.
    PlatformFault
        when it cannot be graded here.
    """
    lacking = lacking_for(sprint)
    if lacking is not None:
        raise PlatformFault(lacking)
    lane = lane_for(policy, submission, gpu=only_gpu, environment=environment_of(sprint))
    seed = course_seed(data_folder(project_root()))
    conditions = Conditions(lane, seed, selection=Selection(only_gpu=only_gpu))
    with staged(files, sprint.release.parent) as folder:
        done = grade_notebook(submission, sprint, conditions, files=folder, progress=progress)
    if only_gpu and not done.results.cells:
        raise BadInput(f"no test of '{sprint.slug}' needs a GPU")
    return done, lane


def require_folders(*targets: Path | None) -> None:
    """Check, before grading, that the folders of all output files exist.

    Raises
    ------
    BadInput
        when one does not exist.
    """
    for target in targets:
        if target is not None and not target.parent.is_dir():
            raise BadInput(f"{target.parent}: there is no such folder; make it first")


def require_decided(results: Results, faults: dict[str, str]) -> None:
    """Check, after grading, that every test could be run. ``faults``: tracebacks of broken tests by name.

    Raises
    ------
    PlatformFault
        when a test could not be run, because then its points are not decided.
    """
    if results.status == "broken":
        why = "; ".join(f"{test}: {trace.strip().splitlines()[-1]}" for test, trace in faults.items())
        raise PlatformFault(f"some tests could not be run, their points are not decided: {why or 'they did not start'}")


def merged_into(path: Path | None, results: Results) -> Results:
    """The results in a file with these merged in; just these if there is no file.

    Raises
    ------
    BadInput
        when the file contains no results, or those of another sprint.
    """
    return results if path is None or not path.is_file() else read_results(path, results.sprint).merged(results)


def worth_of_tests(results: Results) -> float:
    """The points the submission can get from tests, without the answers that a person grades."""
    return results.max_score - sum(answer.max_points for answer in results.to_read)
