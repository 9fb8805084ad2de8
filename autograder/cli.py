"""The `autograder` command: its subcommands, options and exit codes.

Exit codes: 0 done; 1 below ``--minimum``, an audit has findings, or doctor finds that something needed is missing; 2
bad usage or unreadable input (one line); 3 a fault of the platform, or submissions that failed or are broken.
"""

from __future__ import annotations

import atexit
import errno
import gc
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli_course import adopt, new_course, release
from autograder.cli_due import due
from autograder.cli_report import comment, report, say_report
from autograder.errors import BadInput, GradersFault, PlatformFault

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
env = typer.Typer(no_args_is_help=True, help="Separate environments for sprints that need other packages.")
app.add_typer(env, name="env")
app.command()(adopt)
app.command("new-course")(new_course)
app.command()(release)
app.command()(due)
app.command()(report)
app.command()(comment)

_SANDBOX = typer.Option(
    envvar="AUTOGRADER_SANDBOX", metavar="required|preferred|off", help="Must student code run in a jail?"
)
_ONLY = typer.Option(metavar="gpu", help="Run only the tests that need a GPU; merge into F.json if it exists.")
_MINIMUM = typer.Option(metavar="PCT", min=0, max=100, help="Exit with 1 below this share of the tests' points.")

BELOW_MINIMUM = FINDINGS = 1
BAD_INPUT, FAULT = 2, 3


@app.callback()
def about() -> None:
    """Grade the course's notebooks: student code and hidden tests run in separate processes that exchange only data."""


@app.command()
def grade(
    notebook: Annotated[Path, typer.Argument(help="The notebook to grade.", show_default=False)],
    sprint: Annotated[str | None, typer.Option(help="The sprint, if the file is not named after it.")] = None,
    files: Annotated[Path | None, typer.Option(help="Any folder with files that the notebook needs.")] = None,
    results: Annotated[Path | None, typer.Option(metavar="F.json", help="Write results.json to this file.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="F.xml", help="Write JUnit XML to this file.")] = None,
    summary: Annotated[
        Path | None, typer.Option(metavar="F.md", help="Append a Markdown summary, e.g. to $GITHUB_STEP_SUMMARY.")
    ] = None,
    annotate: Annotated[bool, typer.Option("--annotate", help="Print GitHub annotations for the notebook.")] = False,
    code_quality: Annotated[Path | None, typer.Option(metavar="F.json", help="Write GitLab annotations.")] = None,
    gradescope: Annotated[Path | None, typer.Option(metavar="F.json", help="Write Gradescope's results.json.")] = None,
    sandbox: Annotated[str, _SANDBOX] = "required",
    only: Annotated[str | None, _ONLY] = None,
    minimum: Annotated[float, _MINIMUM] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print every test, with what it says.")] = False,
) -> None:
    """Grade one notebook, without a gradebook."""
    from autograder.bridge.course_settings import folders_in
    from autograder.classroom.one_notebook import (
        grade_one,
        merged_into,
        require_decided,
        require_folders,
        worth_of_tests,
    )
    from autograder.course.sprint import find_sprint, project_root, sprint_of
    from autograder.notebook.rebuild import load_submission
    from autograder.reports.annotations import workflow_commands
    from autograder.reports.terminal import progress_bar, show_results, write_reports

    if only not in (None, "gpu"):
        raise BadInput(f"--only {only}: only 'gpu' can be chosen")
    root = project_root()
    graders, release = folders_in(root)
    chosen = find_sprint(sprint or sprint_of(notebook, graders), root, graders, release)
    submission = load_submission(notebook, chosen)
    require_folders(results, junit, summary, code_quality, gradescope)
    with progress_bar(f"grading {notebook.name}") as progress:
        done, lane = grade_one(submission, chosen, files=files, policy=sandbox, only_gpu=bool(only), progress=progress)
    graded = merged_into(results, done.results) if only else done.results
    if results is not None:
        graded.write(results)
    show_results(graded, verbose=verbose)
    write_reports(graded, notebook, junit=junit, summary=summary, quality=code_quality, gradescope_json=gradescope)
    for command in workflow_commands(graded, notebook) if annotate else ():
        typer.echo(command)
    if not lane.jailed:
        _say(lane.note)
    require_decided(graded, done.faults)
    if graded.score < worth_of_tests(graded) * minimum / 100:
        raise typer.Exit(BELOW_MINIMUM)


@app.command()
def autograde(
    sprint: Annotated[
        str, typer.Argument(help="The sprint to grade, or another assignment, already collected.", show_default=False)
    ],
    student: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this student; may be repeated.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: one for each core).")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Use this Dask cluster instead.")] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what was graded with other graders; print the changes.")
    ] = False,
    pending: Annotated[
        bool, typer.Option("--pending", help="Grade only what waits for a GPU; change nothing else.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Grade everything again.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Grade and print what would change; write nothing.")
    ] = False,
) -> None:
    """Grade the collected submissions in parallel into nbgrader's gradebook. A second run grades what is missing."""
    from autograder.classroom import fork_server

    if scheduler is None:
        fork_server.start_soon()  # before the slow imports
    from autograder.classroom.batch import autograde_class
    from autograder.classroom.plan import Which
    from autograder.classroom.standing import show_standing

    if workers is not None and scheduler is not None:
        raise BadInput("--workers and --scheduler exclude each other: a cluster has the workers it has")
    if regrade + force + pending > 1:
        raise BadInput("--regrade, --force and --pending exclude each other: --force grades everything again")
    which: Which = "all" if force else "outdated" if regrade else "pending" if pending else "missing"
    standing = autograde_class(
        sprint, students=student or (), workers=workers, scheduler=scheduler, which=which, dry_run=dry_run
    )
    say_report(sprint, written=standing.written and standing.reported)
    show_standing(standing)
    if not standing.faultless:
        raise typer.Exit(FAULT)


@app.command()
def audit(
    sprint: Annotated[str | None, typer.Argument(help="The sprint (default: all).")] = None,
    solutions: Annotated[
        list[str] | None,
        typer.Argument(
            help="Grade only these, and print what each test says: names of right or wrong solutions, patterns, files.",
            show_default=False,
        ),
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="No mutants, three seeds, only chaffs that are needed.")] = False,
    mutants: Annotated[int, typer.Option(min=0, help="At most this many generated mutants per sprint.")] = 120,
    behaviours: Annotated[int, typer.Option(min=0, help="At most this many behavioural ones.")] = 40,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: one for each core).")] = None,
    since: Annotated[str | None, typer.Option(metavar="COMMIT", help="Only sprints changed since this commit.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the kill matrices there.")] = None,
) -> None:
    """Check a sprint's graders: right solutions, wrong ones, generated mutants, leaks. Exit code 1 on findings."""
    from autograder.audit.audit import run_audit
    from autograder.audit.changed import changed_sprints
    from autograder.audit.chosen import choose, grade_chosen, show_chosen
    from autograder.audit.matrix import show_audit, write_page
    from autograder.bridge.course_settings import folders_in
    from autograder.course.sprint import data_folder, find_sprint, project_root, slugs
    from autograder.environments import lacking_for
    from autograder.reports.terminal import progress_bar

    if solutions and (since or html):
        raise BadInput(
            f"{'--since' if since else '--html'} is for whole audits: leave out the solutions, or the option"
        )
    root, found = project_root(), False
    graders, release = folders_in(root)
    chosen = [find_sprint(sprint, root, graders, release).slug] if sprint else slugs(graders)
    for slug in changed_sprints(since, chosen, root) if since else chosen:
        audited = find_sprint(slug, root, graders, release)
        lacking = lacking_for(audited)
        if lacking is not None and sprint is None:
            typer.echo(f"{slug} is not audited: {lacking}")
            continue
        if lacking is not None:
            raise PlatformFault(f"{slug} cannot be audited: {lacking}")
        if solutions:
            some = choose(audited, root, solutions)
            with progress_bar(f"grading {len(some)} of {slug}") as progress:
                results = grade_chosen(audited, root, some, fast=fast, workers=workers, progress=progress)
            found = show_chosen(some, results)
            continue
        with progress_bar(f"auditing {slug}") as progress:
            done = run_audit(
                audited, root, fast=fast, at_most=mutants, behaviours=behaviours, workers=workers, progress=progress
            )
        show_audit(done)
        found = found or bool(done.findings)
        if done.right:
            page = (html or data_folder(root) / "audit") / f"{slug}.html"
            write_page(done, page)
            typer.echo(f"kill matrix: {page}")
    if found:
        raise typer.Exit(FINDINGS)


@app.command("new-sprint")
def new_sprint_(slug: Annotated[str, typer.Argument(help="Its name, like 'my_sprint'.", show_default=False)]) -> None:
    """Create a sprint with one small task that passes the audit, and print what to write next."""
    from autograder.authoring.new_sprint import new_sprint
    from autograder.course.sprint import is_course, project_root

    root = project_root()
    if not is_course(root):
        raise BadInput(
            f"{root} is no course: go to a folder with nbgrader_config.py and source/, or set AUTOGRADER_ROOT"
        )
    for path in new_sprint(slug, root):
        typer.echo(path)
    typer.echo(
        f"\nNext: 'autograder release {slug}', then 'autograder audit {slug}' passes as it is.\n"
        "Then replace the task by your own; docs/adding-a-sprint.md says in which order."
    )


@app.command("gradescope-zip")
def gradescope_zip(
    sprint: Annotated[str, typer.Argument(help="The sprint to grade on Gradescope.", show_default=False)],
    to: Annotated[Path | None, typer.Option(metavar="F.zip", help="Where to write it (default: SPRINT.zip).")] = None,
    sandbox: Annotated[
        str, typer.Option(metavar="required|preferred|off", help="Must student code run in a jail on Gradescope?")
    ] = "required",
) -> None:
    """Build the zip that turns a sprint's graders into a Gradescope autograder."""
    from autograder.classroom.gradescope_zip import build_zip
    from autograder.jail.lane import POLICIES

    if sandbox not in POLICIES:
        raise BadInput(f"unknown sandbox policy '{sandbox}': it is one of {', '.join(POLICIES)}")
    target = to or Path(f"{sprint}.zip")
    names = build_zip(sprint, target, sandbox)
    typer.echo(f"{target}: {len(names)} files; it holds hidden tests and the course's seed, keep it to yourself")


@app.command()
def demo(
    sprint: Annotated[
        list[str] | None,
        typer.Option(help="The sprint to show; may be repeated (default: framework_survey, then define_by_run)."),
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="The folder for the demo class.")] = None,
) -> None:
    """Run a whole class end to end on this machine, and print a table."""
    from autograder.demo.class_of_six import SPRINTS, run_demo

    for number, slug in enumerate(sprint or SPRINTS):
        run_demo(slug, folder, goes_on=number > 0)


@env.command("build")
def env_build(
    name: Annotated[str | None, typer.Argument(help="The environment (default: all).")] = None,
    sprint: Annotated[str | None, typer.Option(help="Build the environment that this sprint names, if any.")] = None,
) -> None:
    """Build environments that are not built yet."""
    from autograder.course.sprint import find_sprint
    from autograder.environments import build_environment, environment_of, environments, find_environment

    if name is not None and sprint is not None:
        raise BadInput("NAME and --sprint exclude each other: a sprint names its environment itself")
    if sprint is not None:
        wanted = environment_of(find_sprint(sprint))
        chosen = [wanted.name] if wanted else []
    else:
        chosen = environments() if name is None else [name]
    failed = False
    for which in chosen:
        try:
            environment = find_environment(which)
            build_environment(environment, typer.echo)
        except BadInput as error:
            _say(f"autograder: {error}")
            failed = True
            continue
        typer.echo(f"{which}: {environment.folder}")
        typer.echo(f"  'make lab' offers it as a kernel; for another Jupyter of yours: {environment.registration()}")
    if failed:
        raise typer.Exit(BAD_INPUT)


@env.command("list")
def env_list() -> None:
    """List the environments, whether they are built, and their size."""
    from autograder.environments import overview

    for line in overview():
        typer.echo(line)


@app.command()
def doctor(
    hub: Annotated[
        bool, typer.Option("--hub", help="Check the course's server on a JupyterHub instead, from its own terminal.")
    ] = False,
) -> None:
    """Print what this machine has for grading, and how to get what is missing. Exit code 1 if any of that is needed."""
    from autograder.doctor import examine, show

    if hub:
        from autograder.doctor_hub import examine_hub

        found = examine_hub()
    else:
        found = examine()
    show(found)
    if not all(finding.ok for finding in found if finding.needed):
        raise typer.Exit(1)


def main() -> None:
    """Run the command; print a user's mistake as one line, and a platform fault as such."""
    # at exit, Python would search all imported objects for garbage, which takes a third of the import time
    atexit.register(gc.freeze)
    try:
        app()
    except BadInput as error:
        _say(f"autograder: {' '.join(str(error).split())}")
        raise SystemExit(BAD_INPUT) from None
    except GradersFault as error:
        _say(f"autograder: {error}")
        raise SystemExit(FAULT) from None
    except PlatformFault as error:
        _say(f"autograder: a fault of the platform: {error}")
        raise SystemExit(FAULT) from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _say(f"autograder: the disk is full ({error}): what is done is saved, make room and run the command again")
        raise SystemExit(FAULT) from None


def _say(message: str) -> None:
    """Write to stderr, made harmless: a file name in the message may contain escape sequences or commands."""
    from autograder.text import harmless

    typer.secho(harmless(message), err=True, fg="red")
