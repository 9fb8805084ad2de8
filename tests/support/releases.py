"""What students get, made anew."""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

from autograder.bridge.config import configure_grading


def generate(slug: str, root: Path, target: Path) -> None:
    """What `nbgrader generate_assignment` does for a course, into a folder of one's choice, without the gradebook."""
    config = Config()
    configure_grading(config)
    config.GenerateAssignment.preprocessors = [
        part for part in config.GenerateAssignment.preprocessors if part is not SaveCells
    ]
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.force = True  # as `make release` says
    coursedir = CourseDirectory(root=str(root), release_directory=str(target), assignment_id=slug)
    coursedir.notebook_id = "*"
    GenerateAssignment(coursedir=coursedir, config=config).start()


def files(folder: Path) -> dict[str, bytes]:
    """The files of a folder by relative path, without what JupyterLab leaves."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
