"""Which assignments this project grades, and where nbgrader keeps their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import Bunch, Unicode, default, validate
from traitlets.config import LoggingConfigurable

from autograder.course.sprint import Sprint, graders_folder
from autograder.errors import BadInput, PlatformFault

WRITTEN = "files"
"""The folder of what a sprint's notebook wrote; that of another notebook beside it has its name behind a dot."""
RESULTS = "results"  # beside autograded/, so that nbgrader does not copy it into feedback

_KEPT = "_hidden_graders"


def written_name(assignment: str, notebook: str) -> str:
    """The name of the folder of what a notebook of a sprint wrote, in the folder of its results."""
    return WRITTEN if notebook == assignment else f"{WRITTEN}.{notebook}"


def existing_folder(named: str, root: Path) -> str:
    """The whole path of the folder of hidden tests that the configuration of the course in ``root`` names.

    Raises
    ------
    BadInput
        when there is none: the course would be graded by what students see, and nobody would notice.
    """
    folder = Path(root, named).absolute()
    if not folder.is_dir():
        raise BadInput(f"c.HiddenGraders.directory = '{named}': there is no folder {folder}")
    return str(folder)


class HiddenGraders(LoggingConfigurable):
    """Finds an assignment's hidden tests; the parent must be a part of nbgrader that has a course directory."""

    directory = Unicode(
        help="The folder with a folder of hidden tests per assignment; a relative path begins at the course's root."
    ).tag(config=True)

    data_folder = Unicode(help="The folder of results, report, seed and lock (default: the one of autograded/).").tag(
        config=True
    )

    @default("directory")  # type: ignore[untyped-decorator]
    def _default_directory(self) -> str:
        return str(graders_folder(Path(self.coursedir.root)))

    @validate("directory")  # type: ignore[untyped-decorator]
    def _whole_directory(self, proposal: Bunch) -> str:
        return existing_folder(proposal.value, Path(self.coursedir.root))

    @classmethod
    def of(cls, part: Any) -> HiddenGraders:
        """The one that belongs to a part of nbgrader, made when first asked for: a submission asks some ten times."""
        known: HiddenGraders | None = vars(part).get(_KEPT)
        if known is None:
            known = vars(part)[_KEPT] = cls(parent=part)
        return known

    @property
    def coursedir(self) -> CourseDirectory:
        """The course directory of the converter or exchange that this belongs to."""
        part: Any = self.parent
        while part is not None and getattr(part, "coursedir", None) is None:
            part = part.parent
        if part is None:
            raise PlatformFault("this part of nbgrader has no course directory")
        return part.coursedir

    def sprint(self, assignment: str, notebook: str | None = None) -> Sprint | None:
        """The assignment as a sprint; None if stock nbgrader grades the assignment or the given notebook of it."""
        release = self.release(assignment) / f"{assignment}.ipynb"
        sprint = Sprint(assignment, Path(self.directory) / assignment, release)
        if not assignment or notebook not in (None, assignment) or not sprint.has_graders():
            return None
        return sprint

    def sprint_of(self, resources: Any) -> Sprint | None:
        """The sprint of the notebook that a preprocessor is working on."""
        return self.sprint(resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"])

    def release(self, assignment: str) -> Path:
        """The folder of what students get of an assignment."""
        return self.folder(self.coursedir.release_directory, ".", assignment)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """A submission's folder in one of nbgrader's steps."""
        return Path(self.coursedir.format_path(step, student, assignment))

    @property
    def data(self) -> Path:
        """The folder with the platform's own files of the class."""
        root = Path(self.coursedir.root)
        return root / self.data_folder if self.data_folder else (root / self.coursedir.autograded_directory).parent

    def submitted(self, resources: Any) -> Path:
        """The folder a student handed in."""
        names = resources["nbgrader"]
        return self.folder(self.coursedir.submitted_directory, names["student"], names["assignment"])

    def written(self, resources: Any) -> Path:
        """The folder of what the notebook wrote: with the results, where no page of nbgrader's shows it as its own."""
        names = resources["nbgrader"]
        return self.results(resources) / written_name(names["assignment"], names["notebook"])

    def results(self, resources: Any) -> Path:
        """The folder of results.json and junit.xml, for the instructor."""
        names = resources["nbgrader"]
        return self.folder(str(self.data / RESULTS), names["student"], names["assignment"])
