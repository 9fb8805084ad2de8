"""Creates a new sprint with one small task that passes the audit, to be replaced by the sprint's own tasks."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment

from autograder.authoring.pairing import script_path, sync
from autograder.course.sprint import own_graders_folder
from autograder.errors import BadInput

TEMPLATES = Path(__file__).with_name("template")
FILES = {
    "reference.py.jinja": "reference/{slug}/{slug}.py",
    "promises.toml.jinja": "reference/{slug}/promises.toml",
    "wheat.py.jinja": "reference/{slug}/wheats/another_way.py",
    "chaff_not_refused.diff.jinja": "reference/{slug}/chaffs/empty_not_refused.diff",
    "chaff_sum.diff.jinja": "reference/{slug}/chaffs/sum_instead.diff",
    "demo_wrong.py.jinja": "reference/{slug}/demo/two_tasks_wrong.py",
    "demo_loop.py.jinja": "reference/{slug}/demo/endless_loop.py",
    "test.py.jinja": "{graders}/{slug}/test_first_task.py",
    "page.md.jinja": "docs/sprints/{slug}.md",
}
"""Template → its path in a course."""
PACKAGES = ("reference/{slug}/__init__.py", "{graders}/{slug}/__init__.py")
_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def new_sprint(slug: str, root: Path) -> list[Path]:
    """Write the files of a sprint with one task, and its source notebook; return the paths in reading order.

    Raises
    ------
    BadInput
        when the name is not valid for a sprint, or is already taken.
    """
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            f"'{slug}' cannot be a sprint's name: small letters, digits and single underscores, as in 'my_sprint'"
        )
    graders = own_graders_folder(root)
    graders = graders.relative_to(root) if graders.is_relative_to(root) else graders
    targets = {name: root / place.format(slug=slug, graders=graders) for name, place in FILES.items()}
    taken = [path for path in (script_path(slug, root).parent, targets["test.py.jinja"].parent) if path.exists()]
    if taken:
        raise BadInput(f"{taken[0]} is there already: choose another name, or remove it first")
    environment = Environment(keep_trailing_newline=True, variable_start_string="<<", variable_end_string=">>")
    for name, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        template = environment.from_string((TEMPLATES / name).read_text(encoding="utf-8"))
        text = template.render(slug=slug, title=slug.replace("_", " ").capitalize(), graders=graders)
        target.write_text(text, encoding="utf-8")
    for place in PACKAGES:
        (root / place.format(slug=slug, graders=graders)).touch()
    return [*targets.values(), sync(slug, root)]
