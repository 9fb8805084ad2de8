"""The commands that make and adopt a course; :mod:`autograder.cli` adds them to the others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.errors import BadInput

if TYPE_CHECKING:
    from rich.table import Table

    from autograder.bridge.adopt import Course
    from autograder.bridge.survey import Notebook


def adopt(
    folder: Annotated[Path, typer.Argument(help="The course's folder.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back: remove the lines again.")] = False,
) -> None:
    """Let the platform grade an nbgrader course that exists: show what is there, then add a few lines to its settings.

    No notebook changes. Folders, course id, exchange and gradebook stay the course's own.
    """
    from autograder.bridge import adopt as adoption
    from autograder.bridge.adopt_lines import BLOCK

    root = folder.resolve()
    if undo:
        typer.echo(
            f"{adoption.undo(root)}: the lines are gone; grades, and the results in course/, are left as they are"
        )
        return
    course = adoption.look_at(root)
    _show(course)
    if course.adopted:
        typer.echo(f"the platform grades {course.root} already: there is nothing to write")
        return
    typer.echo(f"\nThese lines would be added to {course.config}:\n\n{BLOCK}")
    if not yes and not sys.stdin.isatty():
        raise BadInput("nothing was written, because nobody can be asked here: --yes writes the lines")
    if not yes and not typer.confirm("Write them?"):
        typer.echo("nothing was written")
        return
    adoption.adopt(course)
    first = course.assignments[0].name if course.assignments else "ASSIGNMENT"
    typer.echo(
        f"written; 'autograder adopt --undo' takes it back\n\n"
        "Next: 'autograder doctor' says whether this machine has the sandbox.\n"
        f"'autograder autograde {first}' grades a class that is collected.\n"
        f"Hidden pytest graders go to {course.graders}/ASSIGNMENT/test_CELL.py. They grade the notebook that has its\n"
        "assignment's name, ASSIGNMENT.ipynb."
    )


def new_course(
    folder: Annotated[Path, typer.Argument(help="A new folder, or an empty one.", show_default=False)],
    sprint: Annotated[str, typer.Option(help="The name of its first sprint.")] = "first_sprint",
) -> None:
    """Create a course: its settings, README and CI, and a first sprint with one small task that passes the audit."""
    from autograder.authoring import new_course as making
    from autograder.bridge.config import require_place
    from autograder.bridge.release import release
    from autograder.course.sprint import data_folder

    root = folder.resolve()
    require_place(data_folder(root))
    for path in making.new_course(root, sprint):
        typer.echo(path)
    release(sprint, root)
    typer.echo(
        f"\nNext, in {root}: 'autograder audit {sprint}' passes as it is, README.md says how a class goes.\n"
        "Then replace the task by your own; 'autograder release' makes what students get."
    )


def release(sprint: Annotated[str, typer.Argument(help="The sprint.", show_default=False)]) -> None:
    """Make what students get of a sprint: reference/ -> source/ -> assignments/."""
    from autograder.bridge import release as releasing
    from autograder.course.sprint import project_root

    for folder in releasing.release(sprint, project_root()):
        typer.echo(folder)


def _show(course: Course) -> None:
    """What was found, as tables."""
    from rich.console import Console

    console = Console()
    table = _table("assignment", "notebook", "answers", "tests", "hidden in cells", "by hand", "points", "look at")
    for assignment in course.assignments:
        for number, notebook in enumerate(assignment.notebooks):
            name = assignment.name if assignment.released else f"{assignment.name} (not released)"
            _add(table, name if number == 0 else "", *_row(notebook))
    if course.assignments:
        console.print(table)
    else:
        console.print("no assignment has a notebook yet")
    if course.settings:
        table = _table("setting", "yours", "with the platform")
        for change in course.settings:
            _add(table, change.name, change.said, "stays" if change.becomes is None else change.becomes)
        console.print(table)


def _table(*columns: str) -> Table:
    """A table that shows every cell in full, on a narrow terminal on several lines."""
    from rich.table import Table

    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    """A row of plain text: names come from files, and nothing in them is a command."""
    from rich.text import Text

    from autograder.text import harmless

    table.add_row(*(Text(harmless(cell)) for cell in cells))


def _row(notebook: Notebook) -> list[str]:
    counts = (notebook.answers, notebook.tests, notebook.hidden, notebook.by_hand)
    return [notebook.name, *map(str, counts), f"{notebook.points:g}", notebook.trouble]
