"""A throw-away sprint, and a kernel with some student's objects in it, shared by the tests of the wall."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import nbformat
import pytest
from nbformat import NotebookNode

from autograder.bridge.config import commands_on_path
from autograder.course.sprint import PACKAGE, Sprint, slugs
from autograder.environments import Environment
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.limits import Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail import bubblewrap, warm
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.builders import code, notebook
from tests.support.capture_guard import keep_open, release_from_absl
from tests.support.commands import command_in
from tests.support.conditions import HOUR, conditions
from tests.support.costs import LoadUnitScheduling, longest_first
from tests.support.environments_made import put_together
from tests.support.forked import remember_version
from tests.support.tiny import QUICK
from tests.support.types import Command, Grade

if bubblewrap.missing() is not None:
    os.environ.setdefault("AUTOGRADER_SANDBOX", "preferred")  # all but the tests of the jail itself can do without

commands_on_path()
remember_version()
# how long examples take is the machine's affair
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    """What the tests start shares this process's warm processes, xdist's workers do, too: each takes seconds of CPU."""
    if not hasattr(config, "workerinput"):
        lent = contextlib.ExitStack()
        lent.enter_context(warm.lent_to_children())
        config.add_cleanup(lent.close)


def pytest_sessionstart(session: pytest.Session) -> None:
    """No test closes the file in which the output of all is captured."""
    keep_open(session.config)


def pytest_runtest_setup() -> None:
    """Nor does absl, if an earlier test has imported it."""
    release_from_absl()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers run the tests, the files that take longest come first."""
    if hasattr(config, "workerinput"):
        longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadUnitScheduling | None:
    """How `--dist=loadfile` gives tests to workers here."""
    return LoadUnitScheduling(config, log) if config.getoption("dist") == "loadfile" else None  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the throw-away sprint: released notebook and hidden graders."""
    return tiny.write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def sprint(tiny_course: Path) -> Sprint:
    """The throw-away sprint."""
    return tiny.sprint(tiny_course)


@pytest.fixture
def grade_fully(sprint: Sprint, tmp_path: Path) -> Callable[..., GradedNotebook]:
    """Grade a notebook made of answers (see :func:`tests.support.tiny.submission`), or one that is given."""

    def run(
        *answers: str, files: Path | None = None, limits: Limits = QUICK, nb: NotebookNode | None = None
    ) -> GradedNotebook:
        path = tmp_path / "tiny.ipynb"
        nbformat.write(nb or tiny.submission(*answers), path)
        return grade_notebook(
            load_submission(path, sprint), sprint, conditions(limits=limits, seed="fixed"), files=files
        )

    return run


@pytest.fixture
def grade(grade_fully: Callable[..., GradedNotebook]) -> Grade:
    """The results of grading."""
    return lambda *answers, **how: grade_fully(*answers, **how).results


@pytest.fixture(scope="module")
def student_run() -> Iterator[NotebookRun]:
    """A kernel in which the objects of :data:`tests.support.tiny.OBJECTS` live."""
    run = NotebookRun(notebook(code(tiny.OBJECTS)), ordinary_kernel, None, Limits(submission=HOUR))
    run.run_to(0)
    yield run
    run.close()


@pytest.fixture
def session(student_run: NotebookRun) -> Session:
    """A session at the beginning of a test."""
    opened = student_run.session()
    opened.begin_test(Limit(5, 20), seed=0)
    return opened


@pytest.fixture
def student(session: Session) -> Student:
    """The globals of the kernel; ``student.define(source)`` adds more."""
    return Student(session)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its own copy of the platform and no sprint but the throw-away one, for real command lines."""
    root = tmp_path_factory.mktemp("installed")
    shutil.copytree(PACKAGE, root / "autograder", ignore=shutil.ignore_patterns("__pycache__", *slugs()))
    return tiny.write_course(root)


@pytest.fixture
def autograder(
    sprint: Sprint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command in this process, in a course whose only sprint is the throw-away one: exit code, stdout, stderr."""
    root, graders = sprint.release.parents[2], sprint.graders.parent
    monkeypatch.setenv("AUTOGRADER_GRADERS", str(graders))
    monkeypatch.setenv("AUTOGRADER_SEED", "s")
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.chdir(tmp_path)

    return command_in(monkeypatch, capsys)


@pytest.fixture(scope="module")
def tiny_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """One that is put together, and the only one there is."""
    with pytest.MonkeyPatch.context() as patched:
        yield put_together(tmp_path_factory.mktemp("environment"), patched)
