"""Does a class over git end as it should: everybody graded, nothing gained by attacking, lateness paid for?"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course.sprint import graders_folder, project_root
from autograder.demo.class_of_six import DemoResult
from autograder.demo.over_git import ATTACKER, LATE, SECRET, Demo, GitDemo, run_demo_git, the_class

pytestmark = pytest.mark.slow  # half a minute of two cores; `make demo-git` shows it, and the steps are tested alone
SLUG = "define_by_run"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[GitDemo, Path, str]:
    """One run: what became of the class, the demo's folder, what was printed."""
    folder = tmp_path_factory.mktemp("demo-git")
    printed = io.StringIO()
    return run_demo_git(SLUG, folder, Console(file=printed, width=120)), folder, printed.getvalue()


def test_points(demo: tuple[GitDemo, Path, str]) -> None:
    totals = {result.student.id: result.total for result in demo[0].results}
    assert totals == {"aiko": 40, "bela": 40, "chen": 31, LATE: 40, ATTACKER: 0}


def test_the_attacker_gains_nothing(demo: tuple[GitDemo, Path, str]) -> None:
    """Are the links and the large file refused, and do the hook, the workflow and the code get nothing?"""
    done, folder, printed = demo
    assert done.loot == []
    for refused in ("graders: a symbolic link", "test_mine.py: a symbolic link", "data.bin: too large"):
        assert refused in printed
    used = sum(path.lstat().st_size for path in (folder / "course").rglob("*") if path.is_file())
    assert used < 30_000_000


def test_only_the_late_push_is_late(demo: tuple[GitDemo, Path, str]) -> None:
    """Does a push after the deadline cost a day's share, and does the feedback say so?"""
    done, _, _ = demo
    assert done.penalties == {"aiko": 0, "bela": 0, "chen": 0, LATE: 4, ATTACKER: 0}
    assert {student for student, page in done.pages.items() if "after the due date" in page.read_text()} == {LATE}


def test_collecting_twice_is_the_same_as_once(demo: tuple[GitDemo, Path, str]) -> None:
    assert demo[0].again == []


def test_everybody_pulls_their_own_feedback(demo: tuple[GitDemo, Path, str]) -> None:
    for student, page in demo[0].pages.items():
        ours = demo[1] / "course" / "feedback" / student / SLUG / f"{SLUG}.html"
        assert page.read_bytes() == ours.read_bytes()


def test_what_would_be_loot(tmp_path: Path) -> None:
    """Would the demo notice if the attacker gained something?"""
    place = Demo(SLUG, tmp_path, tmp_path / "log", Console())
    attacker = next(student for student in the_class(SLUG, project_root()) if student.id == ATTACKER)
    nothing = [DemoResult(attacker, {"tensor": 0.0})]
    assert place.loot(nothing) == []
    folder = tmp_path / "course" / "submitted" / ATTACKER
    folder.mkdir(parents=True)
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "large").touch()
    with (folder / "large").open("wb") as file:
        file.truncate(300_000_000)
    (folder / "secret").write_text(f"loot: {SECRET}")
    (folder / "test").write_text((graders_folder() / SLUG / "test_backward.py").read_text())
    place.mark.touch()
    found = place.loot([DemoResult(attacker, {"tensor": 2.0})])
    assert sorted(found) == [
        "2 points", "a hook ran", "large is 300 MB", "link is a link", "secret shows a secret",
        "test shows a hidden test",
    ]  # fmt: skip
