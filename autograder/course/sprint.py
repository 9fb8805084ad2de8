"""Sprints, and where their files are. A sprint has the same slug in every folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import BadInput

PACKAGE = Path(__file__).resolve().parents[1]
GRADERS = PACKAGE / "graders"


@dataclass(frozen=True)
class Sprint:
    """One sprint.

    Attributes
    ----------
    slug
        its name in every folder, and the name of its notebook
    graders
        folder of the hidden tests, ``test_<cell>.py`` for the grade cell ``<cell>``
    release
        the notebook students get
    """

    slug: str
    graders: Path
    release: Path

    def grader_of(self, cell: str) -> Path:
        """The path of a grade cell's hidden test file, which need not exist."""
        return self.graders / f"test_{cell}.py"

    def has_graders(self) -> bool:
        """Whether this sprint has any hidden tests."""
        return any(self.graders.glob("test_*.py"))


def project_root() -> Path:
    """The folder of the course: ``AUTOGRADER_ROOT``, or the nearest folder above here with an ``nbgrader_config.py``.

    Outside any course, it is the folder that contains this package.
    """
    if "AUTOGRADER_ROOT" in os.environ:
        return Path(os.environ["AUTOGRADER_ROOT"]).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
            return folder
    return PACKAGE.parent


def data_folder(root: Path) -> Path:
    """The folder for the class's own data, which git ignores: ``course``, or the one that ``COURSE_DATA`` names."""
    return root / os.environ.get("COURSE_DATA", "course")


def slugs(graders: Path = GRADERS) -> list[str]:
    """The sprints that have hidden tests."""
    return sorted(path.name for path in graders.iterdir() if path.is_dir() and any(path.glob("test_*.py")))


def find_sprint(slug: str, root: Path | None = None, graders: Path = GRADERS) -> Sprint:
    """The sprint with this slug.

    Raises
    ------
    BadInput
        when there is none, or it has not been released.
    """
    known = slugs(graders)
    if slug not in known:
        raise BadInput(f"unknown sprint '{slug}': the sprints here are {', '.join(known)}")
    release = (root or project_root()) / "assignments" / slug / f"{slug}.ipynb"
    if not release.is_file():
        raise BadInput(f"{release} is missing: run 'nbgrader generate_assignment {slug}' first")
    return Sprint(slug, graders / slug, release)


def sprint_of(notebook: Path) -> str:
    """The slug of the sprint that a notebook belongs to, by its file name.

    Raises
    ------
    BadInput
        when the file name is not a sprint's.
    """
    if notebook.stem in slugs():
        return notebook.stem
    raise BadInput(f"{notebook}: the file's name is not a sprint's; give --sprint, one of {', '.join(slugs())}")
