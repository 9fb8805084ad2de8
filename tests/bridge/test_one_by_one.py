"""Is what one student's files make a converter raise that student's line, and what meets everybody an error?"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from autograder.bridge import converters, one_by_one
from tests.support.courses import NOTEBOOK, SLUG, make_course

STUDENTS = ("ada", "eve", "zoe")


@pytest.fixture
def convert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run the converter on a class; a student for whom there is an exception raises it. Returns who is done."""
    make_course(tmp_path)
    release = tmp_path / "assignments" / SLUG
    release.mkdir(parents=True)
    (release / NOTEBOOK).touch()
    for student in STUDENTS:
        folder = tmp_path / "autograded" / student / SLUG
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).touch()
    monkeypatch.setattr(GenerateFeedback, "convert_notebooks", GenerateFeedback.convert_notebooks)
    converters.install()
    one_by_one.install()
    done: list[str] = []

    class Converter(GenerateFeedback):
        errors: dict[str, Exception] = {}  # noqa: RUF012 - traitlets has class attributes that are set

        def convert_single_notebook(self, notebook_filename: str) -> None:
            student = Path(notebook_filename).parts[-3]
            if student in self.errors:
                raise self.errors[student]
            done.append(student)

    def run(**errors: Exception) -> list[str]:
        Converter.errors = errors
        folders = CourseDirectory(root=str(tmp_path), release_directory="assignments", assignment_id=SLUG)
        settings = Config({"HiddenGraders": {"directory": str(tmp_path / "graders")}})
        done.clear()
        Converter(coursedir=folders, config=settings).start()
        return done

    vars(run)["done"] = done
    return run


def test_everybody_else_is_done_and_one_has_a_line(
    convert: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert convert(eve=ValueError("a fault")) == ["ada", "zoe"]
    assert "who needs a look (1); everybody else is done:" in caplog.text
    assert "  eve: got no feedback (ValueError: a fault)" in caplog.text


@pytest.mark.parametrize("error", [SchemaTooOldError, SchemaTooNewError])
@pytest.mark.parametrize("hidden", [True, False])
def test_a_cell_of_another_version_ends_no_class(
    convert: Callable[..., list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    error: type[SchemaTooOldError | SchemaTooNewError],
    hidden: bool,
) -> None:
    """nbgrader stops there. Does it go on, with its own exit code where there are no hidden graders?"""
    if not hidden:
        shutil.rmtree(tmp_path / "graders" / SLUG)
    with contextlib.nullcontext() if hidden else pytest.raises(NbGraderException, match="version"):
        convert(eve=error("old", 1, 2))
    assert "  eve: got no feedback" in caplog.text
    assert vars(convert)["done"] == ["ada", "zoe"]


def test_nobody_has_a_line_where_nothing_is_wrong(
    convert: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    assert convert() == list(STUDENTS)
    assert "needs a look" not in caplog.text


def test_what_meets_everybody_is_an_error(convert: Callable[..., list[str]]) -> None:
    with pytest.raises(NbGraderException):
        convert(**dict.fromkeys(STUDENTS, ValueError("a fault")))
    with pytest.raises(NbGraderException, match="database"):
        convert(ada=OperationalError("select", {}, Exception("locked")))
    with pytest.raises(OSError, match="full"):
        convert(ada=OSError(28, "full"))
