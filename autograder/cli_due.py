"""The command `autograder due`; :mod:`autograder.cli` adds it to the others."""

from __future__ import annotations

from typing import Annotated

import typer


def due(
    sprint: Annotated[str, typer.Argument(help="The sprint.", show_default=False)],
    when: Annotated[
        str | None,
        typer.Argument(help="As in '2026-12-01 23:59 Europe/Berlin'; 'none' for no due date (default: say it)."),
    ] = None,
) -> None:
    """Set or say when a sprint is due, and what lateness costs."""
    from autograder.bridge.due import due_date
    from autograder.course.sprint import project_root

    for line in due_date(project_root(), sprint, when):
        typer.echo(line)
