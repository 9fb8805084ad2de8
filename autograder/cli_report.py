"""The commands `autograder report` and `autograder comment`; :mod:`autograder.cli` adds them to the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.errors import BadInput

_SPRINT = typer.Argument(help="The sprint, already graded.", show_default=False)


def report(
    sprint: Annotated[str | None, typer.Argument(help="The sprint (default: the course with all sprints).")] = None,
    html: Annotated[Path | None, typer.Option(metavar="F.html", help="Write the page to this file.")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="F.csv", help="Write the figures as CSV.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="F.json", help="Write the whole report as JSON.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Leave out names, and figures of fewer than ten students.")
    ] = False,
) -> None:
    """Show a graded class at a glance: figures, misconceptions, who needs you. Grades nothing."""
    from autograder.classroom.report.make import make_report
    from autograder.classroom.report.places import Wanted

    say_made(make_report(sprint, Wanted(html, csv, json, anonymous), with_progress=True))


def comment(
    sprint: Annotated[str, _SPRINT],
    text: Annotated[str | None, typer.Argument(help="The comment.", show_default=False)] = None,
    signature: Annotated[
        str | None, typer.Option(metavar="ID", help="The group's id in the report (default: list them).")
    ] = None,
    file: Annotated[Path | None, typer.Option(metavar="F", help="Read the comment from this file.")] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Remove the comment again.")] = False,
) -> None:
    """Write one comment to all students with the same misconception or message, into nbgrader's comments."""
    from autograder.classroom.report.comment import choices, comment_group, read_comment
    from autograder.text import harmless

    if signature is None:
        if text is not None or file is not None or take_back:
            raise BadInput(f"whom is it for? Give --signature ID; 'autograder comment {sprint}' lists the ids")
        for one in choices(sprint):
            mark = "  [commented]" if one.remark else ""
            students = f"{len(one.students)} student{'s' * (len(one.students) != 1)}"
            typer.echo(f"{one.id}  {students}{mark}  {harmless(' '.join(one.about.split()), 100)}")
        return
    if sum((text is not None, file is not None, take_back)) != 1:
        raise BadInput("give one of these: the comment, --file F, --take-back")
    said = read_comment(file) if file is not None else text
    written = comment_group(sprint, signature, said)
    gone = sorted(set(written.taken) - set(written.given))
    of_all = (("given to", written.given), ("taken from", gone), ("edited by hand and left alone for", written.edited))
    for what, names in of_all:
        if names:
            typer.echo(f"{what} {len(names)}: {harmless(', '.join(names), 1_000)}")
    typer.echo(f"Next: 'nbgrader generate_feedback {sprint} --force' shows it in the feedback")


def say_made(made: object) -> None:
    """Say what a report is about and where it is."""
    from autograder.classroom.report.make import Made
    from autograder.text import harmless

    assert isinstance(made, Made)
    for warning in made.warnings:
        typer.secho(harmless(f"autograder: {warning}"), err=True, fg="yellow")
    typer.echo(harmless(made.summary))
    for path in made.paths:
        typer.echo(f"{path}{'' if made.new else '  (nothing new)'}")


def say_report(sprint: str, *, written: bool) -> None:
    """After grading: make the page, and say where it is. A page that cannot be made is no fault of the grading."""
    from autograder.classroom.report.make import make_report
    from autograder.classroom.report.places import Wanted
    from autograder.text import harmless

    if not written:
        return
    try:
        made = make_report(sprint, Wanted())
    except BadInput as error:
        typer.secho(harmless(f"autograder: there is no report: {error}"), err=True, fg="yellow")
        return
    for path in made.paths:
        typer.echo(f"the class at a glance: {harmless(str(path), 4_000)}")
