"""Creates a course of one's own: configuration, README, CI, and a first sprint with one small task."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment

from autograder.authoring.new_sprint import TEMPLATES, new_sprint
from autograder.errors import BadInput

FIRST = "first_sprint"
FILES = {
    "nbgrader_config.py.jinja": "nbgrader_config.py",
    "README.md.jinja": "README.md",
    "gitignore.jinja": ".gitignore",
    "course.yml.jinja": ".github/workflows/course.yml",
}
"""Template → its path in a course."""


def new_course(root: Path, slug: str = FIRST) -> list[Path]:
    """Write the files of a course into an empty or new folder; return the paths in reading order.

    The course's id is the folder's name, with a hyphen for what nbgrader could not put into a path.

    Raises
    ------
    BadInput
        when the folder is not empty or cannot be made, or the sprint's name is not valid.
    """
    if root.is_file() or (root.is_dir() and any(path.name != ".git" for path in root.iterdir())):
        raise BadInput(f"{root} is not empty: name a new folder, or 'autograder adopt' a course that is there")
    environment = Environment(keep_trailing_newline=True, variable_start_string="<<", variable_end_string=">>")
    course = re.sub(r"[^A-Za-z0-9_.-]+", "-", root.name).strip("-.") or "course"
    about = {"course": course, "title": root.name.replace("_", " ").capitalize() or "Course", "slug": slug}
    try:
        (root / "source").mkdir(parents=True)
        sprint = new_sprint(slug, root)
    except OSError as error:
        raise BadInput(f"{root} cannot be made ({error.strerror}): name another folder") from None
    except BadInput:
        (root / "source").rmdir()
        raise
    for name, place in FILES.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        template = environment.from_string((TEMPLATES / "course" / name).read_text(encoding="utf-8"))
        target.write_text(template.render(about), encoding="utf-8")
    return [*(root / place for place in FILES.values()), *sprint]
