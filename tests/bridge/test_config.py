"""Do the settings say what nbgrader_config.py promises?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.bridge.config import configure
from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.stock import ExecuteByPolicy
from autograder.errors import BadInput
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("PATH", os.environ["PATH"])
    names = ("DATA", "LANGUAGE", "EXCHANGE", "ROSTER", "TEMPLATE")
    for name in ("NBGRADER_DB_URL", "NBGRADER_EXCHANGE", *(f"COURSE_{name}" for name in names)):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def configured(root: Path) -> Config:
    c = Config()
    configure(c, root)
    return c


def test_everything_of_the_class_lies_in_one_folder(tmp_path):
    c = configured(tmp_path)
    folders = c.CourseDirectory
    assert (folders.root, folders.course_id) == (str(tmp_path), "dl-frameworks")
    assert (folders.source_directory, folders.release_directory) == ("source", "assignments")
    assert folders.submitted_directory == "course/submitted"
    assert folders.db_url == f"sqlite:///{tmp_path}/course/gradebook.db"
    assert c.ZipCollectApp.downloaded_directory == "course/downloaded"
    assert c.Exchange.root == f"{tmp_path}/course/exchange"
    assert Path(c.Exchange.root).is_dir()


def test_the_gradebook_is_nobody_elses_to_read(tmp_path):
    configured(tmp_path)
    assert (tmp_path / "course").stat().st_mode & 0o077 == 0


def test_course_data_may_be_elsewhere(tmp_path, environment):
    environment.setenv("COURSE_DATA", str(tmp_path / "class 2026"))
    c = configured(tmp_path / "course")
    assert c.CourseDirectory.feedback_directory == f"{tmp_path}/class 2026/feedback"
    assert c.ZipCollectApp.downloaded_directory == f"{tmp_path}/class 2026/downloaded"
    assert c.CourseDirectory.db_url == f"sqlite:///{tmp_path}/class 2026/gradebook.db"


def test_a_folder_that_nbgrader_cannot_work_in_is_refused(tmp_path, environment):
    """Is it said before a regular expression of nbgrader's finds no submissions?"""
    environment.setenv("COURSE_DATA", str(tmp_path / "c++ (2026)"))
    with pytest.raises(SystemExit, match="COURSE_DATA"):
        configured(tmp_path)


def test_database_exchange_and_language_by_environment(tmp_path, environment):
    environment.setenv("NBGRADER_DB_URL", "postgresql://db/grades")
    environment.setenv("NBGRADER_EXCHANGE", str(tmp_path / "srv" / "exchange"))
    environment.setenv("COURSE_LANGUAGE", "ja")
    c = configured(tmp_path)
    assert c.CourseDirectory.db_url == "postgresql://db/grades"
    assert c.Exchange.root == f"{tmp_path}/srv/exchange"
    assert c.KeepLanguage.language == "ja"


def test_the_exchange_over_git_is_a_choice(tmp_path, environment):
    assert configured(tmp_path).ExchangeFactory.collect.__name__ == "CollectSubmissions"
    environment.setenv("COURSE_EXCHANGE", "git")
    c = configured(tmp_path)
    assert {part.__name__[:3] for part in c.ExchangeFactory.values()} == {"Git"}
    assert len(c.ExchangeFactory) == 8
    assert (c.GitExchange.roster, c.GitExchange.template) == (f"{tmp_path}/course/roster.csv", "")
    environment.setenv("COURSE_ROSTER", "class.csv")
    environment.setenv("COURSE_TEMPLATE", "https://host/template.git")
    c = configured(tmp_path)
    assert (c.GitExchange.roster, c.GitExchange.template) == (f"{tmp_path}/class.csv", "https://host/template.git")
    environment.setenv("COURSE_EXCHANGE", "svn")
    with pytest.raises(SystemExit, match="COURSE_EXCHANGE=svn"):
        configured(tmp_path)


def test_stock_parts_are_replaced_in_their_places(tmp_path):
    c = configured(tmp_path)
    names = [part.__name__ for part in c.Autograde.autograde_preprocessors]
    assert names[0] == "GradeNotebook"
    assert "SaveGrades" in names
    assert not {"Execute", "SaveAutoGrades"} & set(names)
    assert c.Autograde.sanitize_preprocessors[0].__name__ == "RebuildSubmission"


LISTS = (
    "Autograde.sanitize_preprocessors", "Autograde.autograde_preprocessors", "GenerateAssignment.preprocessors",
    "GenerateFeedback.preprocessors", "GenerateSolution.preprocessors",
)  # fmt: skip


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize(
    "execute", [Execute, "nbgrader.preprocessors.Execute", "nbgrader.preprocessors.execute.Execute"]
)
def test_wherever_a_course_executes_it_is_by_the_policy(tmp_path: Path, where: str, execute: object) -> None:
    """Without that, a course that executes again for feedback does so outside the jail."""
    c, (section, trait) = Config(), where.split(".")
    c[section][trait] = ["nbgrader.preprocessors.GetGrades", execute]
    configure(c, tmp_path)
    assert execute not in c[section][trait]
    assert [step for step in c[section][trait] if isinstance(step, type) and issubclass(step, ExecuteByPolicy)]


class Own(Execute):  # type: ignore[misc]
    """As a course may have: it executes as nbgrader does, outside the jail."""


@pytest.mark.parametrize("where", LISTS)
def test_a_preprocessor_that_would_execute_outside_the_sandbox_is_refused(tmp_path: Path, where: str) -> None:
    """Is it said at the start, and may one that inherits from ours stay?"""
    section, trait = where.split(".")
    for own in (Own, ExecutePreprocessor, "nbconvert.preprocessors.ExecutePreprocessor"):
        c = Config({section: {trait: ["nbgrader.preprocessors.GetGrades", own]}})
        with pytest.raises(SystemExit, match="outside the sandbox: let it inherit from"):
            configure(c, tmp_path)
    ours = type("Ours", (ExecuteByPolicy,), {})
    c = Config({section: {trait: ["nbgrader.preprocessors.GetGrades", ours]}})
    configure(c, tmp_path)
    assert ours in c[section][trait]


def test_a_folder_of_hidden_tests_is_whole_and_there(tmp_path: Path) -> None:
    """Set above the platform's lines or below them, from whatever folder nbgrader runs."""
    (tmp_path / "secret").mkdir()
    c = Config({"HiddenGraders": {"directory": "secret"}})
    configure(c, tmp_path)
    assert c.HiddenGraders.directory == str(tmp_path / "secret")
    with pytest.raises(SystemExit, match=r"HiddenGraders.directory = 'secrets': there is no folder .*/secrets"):
        configure(Config({"HiddenGraders": {"directory": "secrets"}}), tmp_path)
    c = configured(tmp_path)
    c.HiddenGraders.directory = "secret"
    part = Autograde(config=c, coursedir=CourseDirectory(config=c))
    assert HiddenGraders(parent=part).directory == str(tmp_path / "secret")
    part.config.HiddenGraders.directory = "secrets"
    with pytest.raises(BadInput, match="there is no folder"):
        HiddenGraders(parent=part)


def test_another_course_loads_this_one(tmp_path, environment):
    """Does load_subconfig from anywhere find this course's folders?"""
    environment.setenv("COURSE_DATA", str(tmp_path))
    environment.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(
        f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(ROOT)!r})\n"
        "c.CourseDirectory.course_id = 'demo'\n"
    )
    c = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    assert c.CourseDirectory.root == str(ROOT)
    assert c.CourseDirectory.course_id == "demo"


def test_what_the_course_has_set_stays(tmp_path: Path) -> None:
    """Can a course with folders, an exchange and classes of its own take the configuration as it is?"""
    mine = {
        "CourseDirectory": {
            "course_id": "cs101", "release_directory": "release", "submitted_directory": "submitted",
            "db_url": "sqlite:////srv/grades.db", "ignore": ["*.bak"],
        },
        "Exchange": {"root": "/srv/exchange"},
        "ExchangeFactory": {"collect": "cs101.Collect"},
        "GenerateAssignment": {"force": False, "preprocessors": ["cs101.Clear"]},
        "Autograde": {"autograde_preprocessors": ["nbgrader.preprocessors.Execute", "cs101.Note"]},
    }  # fmt: skip
    c = Config(mine)
    configure(c, tmp_path)
    for section, settings in mine.items():
        for name, setting in settings.items():
            if not isinstance(setting, list):
                assert c[section][name] == setting, name
    assert c.CourseDirectory.ignore[0] == "*.bak"
    assert c.GenerateAssignment.preprocessors[-1] == "cs101.Clear"
    assert [getattr(step, "__name__", step) for step in c.Autograde.autograde_preprocessors] == [
        "GradeNotebook",
        "cs101.Note",
    ]
    assert c.CourseDirectory.source_directory == "source"
    assert not (tmp_path / "course" / "exchange").exists()


def test_an_environment_variable_is_stronger_than_the_course(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NBGRADER_DB_URL", "postgresql://db/grades")
    environment.setenv("NBGRADER_EXCHANGE", str(tmp_path / "exchange"))
    c = Config({"CourseDirectory": {"db_url": "sqlite:///mine.db"}, "Exchange": {"root": "/srv/exchange"}})
    configure(c, tmp_path)
    assert (c.CourseDirectory.db_url, c.Exchange.root) == ("postgresql://db/grades", f"{tmp_path}/exchange")
