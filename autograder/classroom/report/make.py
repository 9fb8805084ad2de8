"""`autograder report`: makes the pages of a sprint or of the course, and says where they are.

What takes long to import is imported where it is needed: a run with nothing new needs none of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.bridge.course_settings import CourseSettings, course_settings
from autograder.classroom.report import kept
from autograder.classroom.report.places import ANONYMOUS, COURSE, Wanted, link, require_folders, writing
from autograder.course.sprint import project_root
from autograder.errors import BadInput
from autograder.notebook.files import write_whole

if TYPE_CHECKING:
    from autograder.reports.class_report.values import ClassReport

INDEX = "report.html"
"""The page with links, in the folder of the gradebook."""

Show = Callable[[int, int], None]


@dataclass(frozen=True)
class Made:
    """What was written, or was there already (``new`` is False), and the class in one line."""

    paths: list[Path]
    summary: str
    warnings: tuple[str, ...] = ()
    new: bool = True


def make_report(
    sprint: str | None,
    wanted: Wanted,
    *,
    root: Path | None = None,
    reference: Path | None = None,
    with_progress: bool = False,
) -> Made:
    """Make the report on a sprint, or on the course if there is none given; nothing is graded.

    Parameters
    ----------
    root
        the course's folder; found from the working directory unless given
    reference
        the folder with the sprints' references and chaffs; that of the course unless given
    with_progress
        show a bar on stderr while the results are read

    Raises
    ------
    BadInput
        when nothing has been graded, results or the gradebook cannot be read, or a file cannot be written.
    """
    settings = course_settings(root or project_root())
    if sprint is not None and not _is_name(sprint):
        raise BadInput(f"unknown sprint '{sprint}': a sprint is named like its folder in {settings.release}")
    there = reference or Path(settings.root) / "reference"
    wanted = wanted.files(settings, sprint or COURSE)
    require_folders(wanted, settings)
    name = f"{sprint or ''} {' '.join(map(str, wanted.paths))}{ANONYMOUS if wanted.anonymous else ''}"
    now = kept.state(settings, [sprint] if sprint else _released(settings), there, name)
    if kept.is_made(settings, name, now):
        return Made(wanted.paths, *kept.said_of(settings, name), new=False)
    if sprint is None:
        from autograder.classroom.report.course import write_course

        with _progress(with_progress) as show:
            summary, warnings = write_course(settings, wanted, there, show)
    else:
        with _progress(with_progress) as show:
            summary, warnings = _write_sprint(settings, sprint, wanted, there, show)
    if any(path.parent == settings.report_folder for path in wanted.paths):
        write_index(settings)
    kept.keep(settings, name, now, wanted.paths, summary, warnings)
    return Made(wanted.paths, summary, warnings)


@contextmanager
def _progress(shown: bool) -> Iterator[Show | None]:
    """A bar on stderr, or nothing."""
    if not shown:
        yield None
        return
    from autograder.reports.terminal import progress_bar

    with progress_bar("reading results") as bar:
        yield lambda done, total: bar(done, total, "")


def _write_sprint(
    settings: CourseSettings, sprint: str, wanted: Wanted, reference: Path, progress: Show | None
) -> tuple[str, tuple[str, ...]]:
    from autograder.classroom.report.gather import gather
    from autograder.reports.class_report.analysis import analyse
    from autograder.reports.class_report.anonymous import anonymous
    from autograder.reports.class_report.page import sprint_page
    from autograder.reports.class_report.tables import report_csv, report_json

    folder = wanted.html.absolute().parent if wanted.html else settings.report_folder
    report = analyse(gather(settings, sprint, folder, reference=reference, progress=progress))
    summary, warnings = in_one_line(report), _warnings(report)
    if wanted.anonymous:
        report = anonymous(report)
    with writing():
        if wanted.html:
            course = settings.report_folder / f"{COURSE}.html"
            back = link(folder, course) if course.is_file() and not wanted.anonymous else ""
            write_whole(wanted.html, sprint_page(report, settings.language, back))
        if wanted.csv:
            write_whole(wanted.csv, report_csv(report))
        if wanted.json:
            write_whole(wanted.json, report_json(report))
    return summary, warnings


def in_one_line(report: ClassReport) -> str:
    """The class in one line."""
    from autograder.reports.class_report.page import number

    needs = [f"{need.group.count} {need.kind.replace('_', ' ')}" for need in report.needs]
    mean = f"mean {number(report.spread.mean)} of {number(report.maximum)}"
    return f"{report.sprint}: {report.handed_in} handed in, {mean}; {', '.join(needs) or 'nothing needs you'}"


def _warnings(report: ClassReport) -> tuple[str, ...]:
    """What the instructor should know at once: who is not the same in the gradebook and in results.json."""
    found = []
    for need in report.needs:
        if need.kind == "disagree":
            names = ", ".join(need.group.students[:10])
            more = f" and {len(need.group.students) - 10} more" if len(need.group.students) > 10 else ""
            found.append(
                f"the gradebook and results.json disagree on {names}{more}: the gradebook counts;"
                f" 'autograder autograde {report.sprint} --force' grades them again"
            )
    return (*found, *report.notes)


def write_index(settings: CourseSettings) -> None:
    """Write the page with links to all pages, in the folder of the gradebook."""
    from autograder.reports.class_report.course import index_page

    found = sorted(path for path in settings.report_folder.glob("*.html") if path.stem != COURSE)
    course = settings.report_folder / f"{COURSE}.html"
    pages = [*([course] if course.is_file() else []), *found]
    data = Path(settings.data)
    with writing():
        write_whole(data / INDEX, index_page([(page.stem, link(data, page)) for page in pages], settings.language))


def _released(settings: CourseSettings) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(settings.release) if entry.is_dir())
    except OSError:
        return []


def _is_name(sprint: str) -> bool:
    return bool(sprint) and "/" not in sprint and os.sep not in sprint and sprint not in (".", "..")
