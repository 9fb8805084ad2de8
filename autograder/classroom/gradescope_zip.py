"""The same graders as a Gradescope autograder: builds the zip to upload, and grades on Gradescope.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ defines the paths: the zip's content is in
``/autograder/source``, the student's files are in ``/autograder/submission``, and the result goes to
``/autograder/results/results.json``.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2

from autograder.bridge.course_settings import folders_in
from autograder.course.sprint import PACKAGE, Sprint, data_folder, find_sprint, project_root
from autograder.environments import environment_of
from autograder.errors import BadInput, PlatformFault

TEMPLATES = Path(__file__).with_name("template")
SCRIPTS = {"setup.sh": "setup.sh.jinja", "run_autograder": "run_autograder.jinja"}
PROJECT = ("pyproject.toml", "constraints.txt", "README.md", "LICENSE")
LEFT_OUT = ("__pycache__", ".pytest_cache")
_TIME = (1980, 1, 1, 0, 0, 0)  # fixed, so that the same content makes the same zip


def build_zip(slug: str, target: Path, sandbox: str = "required") -> list[str]:
    """Write the zip for a sprint: the platform, this sprint's hidden tests, its release and the course's seed.

    Returns the names in the zip. It contains no reference solutions and no tests of other sprints.

    Raises
    ------
    BadInput
        when the sprint or its environment is unknown, or this installation lacks the project's own files.
    """
    root = project_root()
    sprint = find_sprint(slug, root, *folders_in(root))
    files = dict(_content(sprint, root))
    environment = environment_of(sprint)
    needed = {"environment": environment.name, "python": environment.python} if environment else {}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, template in SCRIPTS.items():
            text = jinja2.Template((TEMPLATES / template).read_text(), keep_trailing_newline=True)
            _add(archive, name, text.render(sprint=slug, sandbox=sandbox, **needed).encode(), 0o755)
        for name, content in sorted(files.items()):
            _add(archive, name, content, 0o644)
        return archive.namelist()


def _content(sprint: Sprint, root: Path) -> Iterator[tuple[str, bytes]]:
    from autograder.course.seed import SEED_FILE, course_seed

    for name in PROJECT:
        path = PACKAGE.parent / name
        if not path.is_file():
            raise BadInput(f"{path} is missing: build the zip from a checkout of the course")
        yield name, path.read_bytes()
    for path in sorted(PACKAGE.rglob("*")):
        if _wanted(path) and not path.is_relative_to(PACKAGE / "graders"):
            yield f"autograder/{path.relative_to(PACKAGE).as_posix()}", path.read_bytes()
    graders = sprint.graders.parent  # which may lie elsewhere; what all its sprints share comes along
    for path in sorted([*graders.glob("*"), *sprint.graders.rglob("*")]):
        if _wanted(path):
            yield f"autograder/graders/{path.relative_to(graders).as_posix()}", path.read_bytes()
    for path in sorted(sprint.release.parent.rglob("*")):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts:
            yield f"assignments/{sprint.slug}/{path.relative_to(sprint.release.parent).as_posix()}", path.read_bytes()
    yield f"course/{SEED_FILE}", course_seed(data_folder(root)).encode()


def _wanted(path: Path) -> bool:
    return path.is_file() and not set(path.parts) & set(LEFT_OUT)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, mode << 16
    archive.writestr(info, content)


def grade_submission(slug: str, submission: Path, target: Path) -> None:
    """Grade what a student uploaded and write Gradescope's results.json.

    A submission that cannot be read gets 0 with the reason.

    Raises
    ------
    PlatformFault
        when it cannot be graded here; nothing is written, and Gradescope reports that the autograder failed.
    """
    from autograder.classroom.one_notebook import grade_one
    from autograder.jail.lane import default_policy
    from autograder.notebook.rebuild import load_submission
    from autograder.reports.gradescope import gradescope, nothing_graded
    from autograder.reports.terminal import show_results

    sprint = find_sprint(slug)
    try:
        path = find_notebook(submission, f"{slug}.ipynb")
        notebook = load_submission(path, sprint)
    except BadInput as error:
        _write(target, nothing_graded(str(error).replace(f"{submission}/", "")))
        return
    done, _ = grade_one(notebook, sprint, files=path.parent, policy=default_policy())
    show_results(done.results)  # for the instructor: students do not see printed output
    for test, trace in done.faults.items():
        print(f"{test} is broken:\n{trace}")
    _write(target, gradescope(done.results))


def find_notebook(submission: Path, name: str) -> Path:
    """The notebook among a student's files: the only one with that name, or else the only notebook.

    Raises
    ------
    BadInput
        when there is no notebook, or it is not clear which one is meant.
    """
    found = sorted(path for path in submission.rglob("*.ipynb") if path.is_file() and not path.is_symlink())
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    named = [path for path in found if path.name == name] or found
    if len(named) != 1:
        number = "no notebook" if not named else f"{len(named)} notebooks"
        raise BadInput(f"{number} found in what was handed in; hand in one, and call it {name}")
    return named[0]


def _write(target: Path, document: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    try:
        grade_submission(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    except (PlatformFault, BadInput) as error:
        sys.exit(f"autograder: nothing was graded: {error}")
