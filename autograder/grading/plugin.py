"""The pytest plugin: it makes a pytest run over a sprint's hidden tests grade one submission.

``pytest autograder/graders/define_by_run --submission=NOTEBOOK`` executes the notebook up to each grade cell, runs that
cell's tests, and continues. Tests can use the fixtures ``student`` (the notebook's globals, in another process),
``rng`` (inputs drawn from the course's secret seed) and ``clean`` (where exported artifacts are evaluated).
``AUTOGRADER_SANDBOX`` says whether the notebook must run in a jail, as for ``autograder grade``; by default it must.
Without ``--submission`` the plugin only declares its options and markers.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import BadInput, PlatformFault
from autograder.grading.items import INI, MARKERS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of a grading run."""
    group = parser.getgroup("autograder", "grading a notebook")
    group.addoption("--submission", metavar="NOTEBOOK", type=Path, help="the notebook to grade")
    group.addoption("--results", metavar="FILE", type=Path, help="write results.json there")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers. If there is a submission, make this run grade it."""
    notebook = config.getoption("--submission")
    if notebook is None:
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        return
    from autograder.course.seed import course_seed
    from autograder.course.sprint import data_folder, find_sprint, graders_folder, project_root
    from autograder.environments import environment_of
    from autograder.grading.conditions import Conditions
    from autograder.grading.run import GradingRun
    from autograder.jail.lane import default_policy, lane_for
    from autograder.notebook.rebuild import load_submission

    folders = {Path(str(arg).split("::")[0]).resolve() for arg in config.args}
    slugs = {(folder if folder.is_dir() else folder.parent).name for folder in folders}
    try:
        if config.inipath is None or config.inipath.resolve() not in (INI, (graders_folder() / INI.name).resolve()):
            # pytest looks for its settings near every path on the command line, the student's folder among them
            raise BadInput(f"graders run with their own settings: write --submission=NOTEBOOK, with '=', or '-c {INI}'")
        if len(slugs) != 1:
            raise BadInput("give the graders of one sprint, as in 'pytest autograder/graders/define_by_run'")
        sprint = find_sprint(slugs.pop())
        submitted = load_submission(notebook, sprint)
        lane = lane_for(default_policy(), submitted, environment=environment_of(sprint))
        conditions = Conditions(lane, course_seed(data_folder(project_root())))
        run = GradingRun(submitted, sprint, conditions)
    except (BadInput, PlatformFault) as error:
        raise pytest.UsageError(str(error)) from None
    run.results_path = config.getoption("--results")
    config.pluginmanager.register(run, "autograder-run")
