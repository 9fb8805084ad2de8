"""Is every fault of a sprint's files told in one line that names the file?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.audit.structure import examine
from autograder.authoring.pairing import ROOT, script_path
from autograder.course.sprint import find_sprint, slugs
from tests.support.sprints_made import SLUG, grader_in, make_sprint, replace, sprint_in

CHAFF = "chaffs/sum_instead.diff"


def said(root: Path) -> list[str]:
    return [str(finding) for finding in examine(sprint_in(root), root)]


def test_a_new_sprint_has_nothing_to_mend(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    assert said(tmp_path) == []


@pytest.mark.parametrize("slug", slugs())
def test_the_sprints_of_this_course_have_nothing_to_mend(slug: str) -> None:
    assert [str(finding) for finding in examine(find_sprint(slug, ROOT), ROOT)] == []


def chaff_in(root: Path) -> Path:
    return root / "reference" / SLUG / CHAFF


def no_wheats(root: Path) -> None:
    (root / "reference" / SLUG / "wheats" / "another_way.py").unlink()


def nameless_chaff(root: Path) -> None:
    replace(chaff_in(root), "Caught by:\n    test_first_task.py::test_mean_of_all_elements\n", "")


def chaff_of_a_missing_test(root: Path) -> None:
    replace(chaff_in(root), "test_mean_of_all_elements", "test_gone")


def unreadable_chaff(root: Path) -> None:
    chaff_in(root).with_name("another.py").write_text("def")


def chaff_of_an_older_reference(root: Path) -> None:
    replace(script_path(SLUG, root), "return x.sum() / x.size", "return x.mean()")


def two_chaffs_of_a_name(root: Path) -> None:
    chaff_in(root).with_suffix(".py").write_text("")


def file_without_a_cell(root: Path) -> None:
    grader_in(root).rename(grader_in(root).with_name("test_other_task.py"))


def points(root: Path) -> None:
    replace(grader_in(root), "points(2)", "points(5)")


def no_points(root: Path) -> None:
    replace(grader_in(root), "@pytest.mark.points(1)\n", "")


def no_hint(root: Path) -> None:
    replace(grader_in(root), "Hint:", "Note:")


def grader_is_no_python(root: Path) -> None:
    grader_in(root).write_text("def")


def stale(root: Path) -> None:
    replace(script_path(SLUG, root), "no mean", "no mean at all")


def no_script(root: Path) -> None:
    script_path(SLUG, root).unlink()


@pytest.mark.parametrize(
    ("spoil", "file", "what"),
    [
        (no_wheats, "wheats", "no other right solution"),
        (nameless_chaff, CHAFF, "names no test"),
        (
            chaff_of_a_missing_test,
            CHAFF,
            "names test_first_task.py::test_gone, which does not exist",
        ),
        (unreadable_chaff, "chaffs/another.py", "line 1 is not Python"),
        (chaff_of_an_older_reference, CHAFF, "the reference has no line 'return x.sum() / x.size'"),
        (two_chaffs_of_a_name, CHAFF, "there is sum_instead.py too"),
        (file_without_a_cell, "test_other_task.py", "no such grade cell"),
        (points, "test_first_task.py", "the points add up to 6, the cell 'first_task' has 3"),
        (no_points, "test_empty_is_refused", "needs @pytest.mark.points"),
        (no_hint, "test_first_task.py", "no test has a 'Hint:'"),
        (grader_is_no_python, "test_first_task.py", "line 1 is not Python"),
        (stale, f"source/{SLUG}/{SLUG}.ipynb", "autograder release"),
        (no_script, f"{SLUG}.py", "is missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, spoil: Callable[[Path], None], file: str, what: str) -> None:
    make_sprint(tmp_path)
    spoil(tmp_path)
    found = said(tmp_path)
    assert any(file in line and what in line and "\n" not in line for line in found), found
