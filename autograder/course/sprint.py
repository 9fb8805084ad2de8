"""Sprints, and where their files are. A sprint has the same slug in every folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import BadInput

PACKAGE = Path(__file__).resolve().parents[1]
CONFIGURED = "autograder.bridge.config"
"""The module that a course's nbgrader_config.py imports."""


@dataclass(frozen=True)
class Sprint:
    """One sprint.

    Attributes
    ----------
    slug
        its name in every folder, and the name of its notebook
    graders
        folder of the hidden tests, ``test_<cell>.py`` for the grade cell ``<cell>``; made absolute, so that files in
        a traceback can be compared with it
    release
        the notebook students get
    """

    slug: str
    graders: Path
    release: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "graders", self.graders.absolute())

    def grader_of(self, cell: str) -> Path:
        """The path of a grade cell's hidden test file, which need not exist."""
        return self.graders / f"test_{cell}.py"

    def has_graders(self) -> bool:
        """Whether this sprint has any hidden tests."""
        return any(self.graders.glob("test_*.py"))


def project_root() -> Path:
    """The folder of the course: ``AUTOGRADER_ROOT``, or the nearest course above here.

    Outside any course, it is the folder that contains this package.
    """
    if "AUTOGRADER_ROOT" in os.environ:
        return Path(os.environ["AUTOGRADER_ROOT"]).resolve()
    here = Path.cwd()
    courses = [folder for folder in (here, *here.parents) if is_course(folder)]
    # hidden tests come from the course and run with our rights: a submission that looks like a course must not be one
    ours = (folder for folder in courses if not any(data_folder(outer) in folder.parents for outer in courses))
    return next(ours, PACKAGE.parent)


def is_course(folder: Path) -> bool:
    """Whether a folder has nbgrader's configuration, and sources or a configuration that is the platform's."""
    config = folder / "nbgrader_config.py"
    return config.is_file() and ((folder / "source").is_dir() or CONFIGURED in config.read_text(errors="replace"))


def release_folder(root: Path) -> Path:
    """The usual folder of released notebooks: ``assignments``, or nbgrader's own ``release`` if only that exists."""
    ours, stock = root / "assignments", root / "release"
    return stock if stock.is_dir() and not ours.is_dir() else ours


def data_folder(root: Path) -> Path:
    """The folder for the class's own data, which git ignores: ``course``, or the one that ``COURSE_DATA`` names."""
    return root / os.environ.get("COURSE_DATA", "course")


def graders_folder(root: Path | None = None) -> Path:
    """The folder of hidden tests that count, with one folder a sprint: the course's own, or else this package's.

    A checkout of this repository has some in its package, an installed package has none.

    Raises
    ------
    BadInput
        when ``AUTOGRADER_GRADERS`` names no folder.
    """
    own, packaged = own_graders_folder(root or project_root()), PACKAGE / "graders"
    return packaged if packaged.is_dir() and not own.is_dir() else own


def own_graders_folder(root: Path) -> Path:
    """The course's own folder of hidden tests, whether it exists or not.

    ``AUTOGRADER_GRADERS`` names it; otherwise it is ``graders``, or ``autograder/graders`` if only that exists.

    Raises
    ------
    BadInput
        when ``AUTOGRADER_GRADERS`` names no folder.
    """
    named = os.environ.get("AUTOGRADER_GRADERS")
    if named and not Path(named).is_dir():
        raise BadInput(f"AUTOGRADER_GRADERS={named}: there is no such folder")
    if named:
        return Path(named).resolve()
    usual, in_package = root / "graders", root / "autograder" / "graders"
    return in_package if in_package.is_dir() and not usual.is_dir() else usual


def slugs(graders: Path | None = None) -> list[str]:
    """The sprints that have hidden tests.

    Raises
    ------
    BadInput
        when there are none at all.
    """
    folder = graders or graders_folder()
    known = sorted(path.parent.name for path in folder.glob("*/test_*.py"))
    if not known:
        raise BadInput(f"no hidden tests in {folder}: run this in the course's folder, or set AUTOGRADER_GRADERS")
    return list(dict.fromkeys(known))


def find_sprint(
    slug: str, root: Path | None = None, graders: Path | None = None, release: Path | None = None
) -> Sprint:
    """The sprint with this slug; ``graders`` and ``release`` are the folders to look in, the usual ones by default.

    Raises
    ------
    BadInput
        when there is none, or it has not been released.
    """
    graders = graders or graders_folder(root)
    known = slugs(graders)
    if slug not in known:
        raise BadInput(f"unknown sprint '{slug}': the sprints here are {', '.join(known)}")
    notebook = (release or release_folder(root or project_root())) / slug / f"{slug}.ipynb"
    if not notebook.is_file():
        raise BadInput(why_not_released(notebook))
    return Sprint(slug, graders / slug, notebook)


def why_not_released(notebook: Path) -> str:
    """Why a sprint's released notebook is missing, and what to do."""
    others = sorted(path.name for path in notebook.parent.glob("*.ipynb"))
    if others:
        return (
            f"{notebook} is missing, and hidden tests grade only the notebook with that name:"
            f" rename the source of {others[0]} and release it again, or remove the hidden tests"
        )
    return f"{notebook} is missing: run 'nbgrader generate_assignment {notebook.stem}' first"


def sprint_of(notebook: Path, graders: Path | None = None) -> str:
    """The slug of the sprint that a notebook belongs to, by its file name; ``graders`` as in :func:`slugs`.

    Raises
    ------
    BadInput
        when the file name is not a sprint's.
    """
    known = slugs(graders)
    if notebook.stem in known:
        return notebook.stem
    raise BadInput(f"{notebook}: the file's name is not a sprint's; give --sprint, one of {', '.join(known)}")
