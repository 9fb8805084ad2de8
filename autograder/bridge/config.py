"""The settings that make nbgrader grade this course; nbgrader_config.py lists the environment variables."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback, GenerateSolution
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, Execute, SaveAutoGrades
from traitlets.utils.importstring import import_item

from autograder.bridge import converters, database, logs, one_by_one, partial_credit, repair, times, validate
from autograder.bridge.collect import CollectSubmissions
from autograder.bridge.execute import GradeNotebook, RunNotebook
from autograder.bridge.export import CsvExport
from autograder.bridge.exporter import SubmissionExporter
from autograder.bridge.feedback import ReleaseFeedback
from autograder.bridge.git_exchange import use_git
from autograder.bridge.hidden import existing_folder
from autograder.bridge.language import ANSWER_HERE, KeepLanguage
from autograder.bridge.late import LatePolicy
from autograder.bridge.metadata import CheckOnce
from autograder.bridge.pages import configure_pages
from autograder.bridge.pairing import ClearPairing
from autograder.bridge.sanitize import RebuildSubmission
from autograder.bridge.save import SaveGrades
from autograder.bridge.say_due import SayDue
from autograder.bridge.say_hidden import SayHidden
from autograder.bridge.stock import ExecuteByPolicy
from autograder.course.sprint import data_folder
from autograder.environments import offer_kernels
from autograder.errors import BadInput
from autograder.notebook.files import KEPT

COURSE_ID = "dl-frameworks"
FORMGRADER = "nbgrader.server_extensions.formgrader.handlers"
STEPS = ("submitted", "autograded", "feedback", "solution", "source_with_tests")


def configure(c: Any, root: Path, *, data: Path | None = None, adopted: bool = False) -> None:
    """Set up nbgrader's configuration `c` for the course in `root`, with the class's files under `data`.

    What `c` already says of folders, course id, exchange, database and preprocessors stays. An environment variable
    that names one of them is stronger. In an `adopted` course, what `c` says nothing of stays as nbgrader has it, and
    `data` has only the platform's own files.

    Raises
    ------
    SystemExit
        when a setting cannot be. Any other exception nbgrader would only log, and then execute students' notebooks
        by its own settings, outside the sandbox.
    """
    commands_on_path()
    offer_kernels()
    try:
        configure_folders(c, root, data or data_folder(root), adopted=adopted)
        configure_grading(c)
        configure_exchange(c, root, data or data_folder(root))
    except (ValueError, OSError, BadInput) as error:
        sys.exit(f"autograder: {root / 'nbgrader_config.py'}: {error}")


def commands_on_path() -> None:
    """Put this environment's commands on PATH.

    nbgrader runs `alembic` by name, which fails if the environment has not been activated.
    """
    here = os.path.dirname(sys.executable)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = here + os.pathsep + os.environ.get("PATH", os.defpath)


def configure_folders(c: Any, root: Path, data: Path, *, adopted: bool = False) -> None:
    """Set the course's folders. An exchange of our own is created, because nbgrader requires it to exist."""
    if not adopted:
        require_place(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else may read the gradebook
    _unless_set(c.CourseDirectory, root=str(root))
    _unless_set(c.HiddenGraders, data_folder=str(data))
    if "directory" in c.HiddenGraders and not adopted:  # an adopted course may say below where its root is
        c.HiddenGraders.directory = existing_folder(c.HiddenGraders.directory, Path(c.CourseDirectory.root))
    if not adopted:
        _configure_our_folders(c, root, data)
    if os.environ.get("NBGRADER_DB_URL"):
        c.CourseDirectory.db_url = os.environ["NBGRADER_DB_URL"]
    if "db_url" in c.CourseDirectory:
        c.CourseDirectory.db_url = whole_path(c.CourseDirectory.db_url, root)
    if os.environ.get("NBGRADER_EXCHANGE"):
        c.Exchange.root = os.environ["NBGRADER_EXCHANGE"]
        Path(c.Exchange.root).mkdir(parents=True, exist_ok=True)


def require_place(data: Path) -> None:
    """Check that nbgrader can find the class in a folder: it takes the path for a pattern.

    Raises
    ------
    BadInput
        when the path has a sign that means something else in a pattern.
    """
    if re.search(r"[+*?()\[\]{}|^$\\]", str(data)):
        raise BadInput(
            f"nbgrader cannot work in {data}: its path must have none of +*?()[]{{}}|^$\\, so rename the folder,"
            " or name another for the class in COURSE_DATA"
        )


def whole_path(db_url: str, root: Path) -> str:
    """The address of a gradebook, with its whole path where it names a file relative to the course.

    nbgrader takes it from wherever a command runs, and not every command runs in the course's folder.
    """
    scheme, found, path = db_url.partition("sqlite:///")
    relative = found and not scheme and path and not path.startswith(("/", ":", "file:"))
    return f"sqlite:///{root / path}" if relative else db_url


def _configure_our_folders(c: Any, root: Path, data: Path) -> None:
    """What a course of ours has elsewhere than nbgrader: the class's files in one folder that git ignores."""
    if not os.environ.get("NBGRADER_EXCHANGE") and "root" not in c.Exchange:
        (data / "exchange").mkdir(parents=True, exist_ok=True)
    inside = os.path.relpath(data, root) if data.is_relative_to(root) else str(data)
    _unless_set(
        c.CourseDirectory,
        course_id=COURSE_ID,
        source_directory="source",
        release_directory="assignments",
        db_url=f"sqlite:///{data / 'gradebook.db'}",
        **{f"{step}_directory": os.path.join(inside, step) for step in STEPS},
    )
    _unless_set(c.Exchange, root=str(data / "exchange"), cache=str(data / "cache"))
    _unless_set(c.ZipCollectApp, downloaded_directory=os.path.join(inside, "downloaded"))  # students' work, for no git


def configure_exchange(c: Any, root: Path, data: Path) -> None:
    """Set up the exchange over git if COURSE_EXCHANGE selects it.

    Raises
    ------
    ValueError
        when COURSE_EXCHANGE names an unknown exchange.
    """
    chosen = os.environ.get("COURSE_EXCHANGE") or "folder"
    if chosen not in ("folder", "git"):
        raise ValueError(f"COURSE_EXCHANGE={chosen}: it is 'folder' or 'git'")
    if chosen == "folder":
        return
    use_git(c)
    c.GitExchange.roster = str(root / (os.environ.get("COURSE_ROSTER") or data / "roster.csv"))
    c.GitExchange.template = os.environ.get("COURSE_TEMPLATE") or ""


def configure_grading(c: Any) -> None:
    """Set how nbgrader releases and grades notebooks; those without hidden graders keep its rules."""
    language = c.KeepLanguage.language = os.environ.get("COURSE_LANGUAGE") or "en"
    _unless_set(c.ClearSolutions, text_stub=ANSWER_HERE.get(language, ANSWER_HERE["en"]))
    run = {Execute: RunNotebook}  # every notebook that this configuration executes goes by the policy of the sandbox
    release = _replaced(_said(c, GenerateAssignment, "preprocessors"), run)
    c.GenerateAssignment.preprocessors = [KeepLanguage, ClearPairing, SayDue, SayHidden, *release]

    c.CourseDirectory.ignore = [*_said(c, CourseDirectory, "ignore"), f"*{KEPT}"]
    _unless_set(c.ExchangeFactory, collect=CollectSubmissions, release_feedback=ReleaseFeedback)
    logs.install()
    converters.install()
    one_by_one.install()
    repair.install()
    database.install()
    partial_credit.install()
    validate.install()
    times.install(str(c.Exchange.get("timezone", "UTC")))
    c.Autograde.exporter_class = SubmissionExporter
    ours = {Execute: GradeNotebook, SaveAutoGrades: SaveGrades, CheckCellMetadata: CheckOnce}
    sanitize, autograde = (
        _replaced(_said(c, Autograde, f"{half}_preprocessors"), ours) for half in ("sanitize", "autograde")
    )
    c.Autograde.sanitize_preprocessors = [RebuildSubmission, *sanitize]
    c.Autograde.autograde_preprocessors = autograde
    c.GenerateSolution.preprocessors = _replaced(_said(c, GenerateSolution, "preprocessors"), run)
    _unless_set(c.AssignLatePenalties, plugin_class=LatePolicy)
    c.GenerateFeedback.preprocessors = _replaced(_said(c, GenerateFeedback, "preprocessors"), run)
    configure_pages(c)
    if FORMGRADER in sys.modules:  # this is Jupyter's server, which has loaded the extension just before
        from autograder.bridge import formgrader

        formgrader.install()
    _unless_set(c.ExportApp, plugin_class=CsvExport)


def set_aside(config: Any) -> str | None:
    """The first of nbgrader's settings that executes submissions without the platform; None if there is none."""
    for half, ours in (("sanitize", RebuildSubmission), ("autograde", GradeNotebook)):
        if ours not in (config.Autograde.get(f"{half}_preprocessors") or []):
            return f"Autograde.{half}_preprocessors"
    return None


def _unless_set(section: Any, **settings: object) -> None:
    """Settings of the platform's for what the course has not set itself."""
    for name, setting in settings.items():
        if name not in section:
            section[name] = setting


def _said(c: Any, configurable: type, trait: str) -> list[Any]:
    """What the course has set; otherwise nbgrader's own default."""
    section = c[configurable.__name__]
    if trait in section:
        return list(section[trait])
    return list(configurable.class_traits()[trait].make_dynamic_default())  # type: ignore[attr-defined]


def _replaced(steps: list[Any], ours: Mapping[Any, Any]) -> list[Any]:
    """Preprocessors, each a class or its dotted name, with some of nbgrader's replaced by ours.

    Raises
    ------
    ValueError
        when one of the course's own executes notebooks past the policy of the sandbox.
    """
    by_name = {stock.__name__: own for stock, own in ours.items()}
    names = [step.rpartition(".")[2] if isinstance(step, str) else step.__name__ for step in steps]
    replaced = [by_name.get(name, step) for name, step in zip(names, steps, strict=True)]
    for step in replaced:
        made: Any = step
        if isinstance(step, str):
            with contextlib.suppress(ImportError):  # nbgrader says it, where it is used
                made = import_item(step)
        if isinstance(made, type) and issubclass(made, ExecutePreprocessor) and not issubclass(made, ExecuteByPolicy):
            raise ValueError(
                f"the preprocessor {made.__name__} would execute notebooks outside the sandbox:"
                " let it inherit from autograder.bridge.stock.ExecuteByPolicy, or use nbgrader's Execute"
            )
    return replaced
