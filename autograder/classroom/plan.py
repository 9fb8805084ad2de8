"""Plans a run: which of the collected submissions to grade, and which to leave as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.bridge.patiently import patiently, recorded_students
from autograder.bridge.repair import other_notebooks, repair_all, why_unreadable
from autograder.classroom import journal
from autograder.classroom.journal import Digest, Mark
from autograder.classroom.record import Recorder
from autograder.classroom.standing import Standing
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.notebook.names import shown, why_no_student

Which = Literal["missing", "outdated", "all", "pending"]
"""Which submissions to grade.

``missing``: those not graded yet, resubmitted, or broken under other graders. ``outdated``: also those graded with
other graders, limits or another seed. ``all``: everything. ``pending``: unchanged ones that wait for a GPU.
"""


@dataclass(frozen=True)
class Submission:
    """A submission to grade.

    Attributes
    ----------
    student, folder
        whose it is, and where
    digest
        what its grade depends on
    took_s
        wall-clock seconds that the last grading of this student's took; 0 if that is not known
    """

    student: str
    folder: Path
    digest: Digest
    took_s: float = 0.0


def plan(
    recorder: Recorder,
    sprint: Sprint,
    grading: str,
    *,
    students: Sequence[str],
    which: Which,
    dry_run: bool,
    standing: Standing,
) -> list[Submission]:
    """The submissions to grade; the others are added to the standing.

    Parameters
    ----------
    grading
        the digest of what the class is graded with now
    students
        only these students; empty for all
    dry_run
        do not repair unreadable submissions, but add them to the standing as failed

    Raises
    ------
    BadInput
        when nothing has been collected, a student is unknown, or the gradebook does not know the assignment.
    """
    slug = sprint.slug
    submitted = _collected(recorder, slug, students)
    for student in list(submitted):
        why = why_no_student(student)
        if why is not None:
            del submitted[student]
            standing.looks.add(student, why, "rename the folder in submitted/ to grade it")
    if not dry_run:
        for look in repair_all(recorder):
            standing.looks.add(look.who, look.what, look.to_do)
    recorded = patiently(lambda: recorded_students(recorder.coursedir), recorder.coursedir, recorder.log)
    to_grade = []
    for student in dict.fromkeys(students or submitted):
        folder = submitted[student]
        unreadable = why_unreadable(folder / f"{slug}.ipynb", sprint) if dry_run and sprint.has_graders() else None
        if unreadable:
            others = other_notebooks(folder, sprint)
            instead = shown(others[0]) if len(others) == 1 else "the empty notebook"
            standing.failed[student] = f"{unreadable}; {instead} would take its place"
            continue
        digest = Digest(journal.submission_digest(folder), grading)
        mark = _mark(recorder, student, sprint) if student in recorded else None
        if _to_do(mark, digest, which):
            to_grade.append(Submission(student, folder, digest, mark.took_s if mark else 0.0))
        elif mark is None:
            standing.ungraded += 1
        else:
            standing.already += 1
            standing.outdated += mark.digest.grading != grading
            standing.add(student, mark.status, mark.waiting)
    return longest_first(to_grade)


def longest_first(submissions: Sequence[Submission]) -> list[Submission]:
    """Those that took long last time come first, so that no worker is left alone with one at the end.

    What is not known counts as the mean of what is. Equal ones keep their order. This is Graham's rule of the longest
    processing time (1969), by which the last worker ends at most a third later than it must.
    """
    known = [one.took_s for one in submissions if one.took_s]
    usual = sum(known) / len(known) if known else 0.0
    return sorted(submissions, key=lambda one: -(one.took_s or usual))


def _collected(recorder: Recorder, slug: str, students: Sequence[str]) -> dict[str, Path]:
    """The folders of all collected submissions by student; fails if one of ``students`` has none."""
    submitted = recorder.submissions()
    if not submitted:
        raise BadInput(f"nothing has been collected for '{slug}': run 'nbgrader collect {slug}' first")
    if unknown := sorted(set(students) - set(submitted)):
        raise BadInput(f"no submission of {', '.join(unknown)} for '{slug}' has been collected; check the name")
    return submitted


def _mark(recorder: Recorder, student: str, sprint: Sprint) -> Mark | None:
    """The mark of a finished submission; None if it is not done or its graded notebook is gone."""
    graded = recorder.hidden.folder(recorder.coursedir.autograded_directory, student, sprint.slug)
    notebooks = f"{sprint.slug}.ipynb" if sprint.has_graders() else "*.ipynb"
    return journal.read(recorder.results_of(student)) if any(graded.glob(notebooks)) else None


def _to_do(mark: Mark | None, digest: Digest, which: Which) -> bool:
    if which == "pending":
        return mark is not None and mark.waiting and mark.digest == digest
    if mark is None or which == "all" or mark.digest.submission != digest.submission:
        return True
    return mark.digest.grading != digest.grading and (which == "outdated" or mark.status == "broken")
