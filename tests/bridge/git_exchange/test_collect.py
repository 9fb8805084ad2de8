"""Is what was pushed collected as it is, as early as it came, and does nobody's repository stop the others?"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograder.bridge.git_exchange import GitCollect, receipts
from tests.support.git_courses import PAST, Course, run


def test_collecting(course: Course) -> None:
    """Are files taken as they are, times by the receiving clock, and who has done nothing left out?"""
    clone = course.clone("ada")
    (clone / "two" / "sub").mkdir()
    (clone / "two" / "sub" / "helper.py").write_text("x = 1")
    (clone / "two" / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    before = time.time() - 1
    commit = course.hand_in("ada")
    rows = course.collect()
    folder = course.submitted("ada")
    assert sorted(path.name for path in folder.iterdir()) == ["data.txt", "sub", "timestamp.txt", "two.ipynb"]
    assert (folder / "two.ipynb").read_bytes() == (clone / "two" / "two.ipynb").read_bytes()
    assert rows["ada"]["commit"] == commit
    assert rows["ada"]["clock"] == "receiver"
    assert before <= parse_utc((folder / "timestamp.txt").read_text()).replace(tzinfo=UTC).timestamp() <= time.time()
    assert not course.submitted("bob").exists()
    assert "nothing has been changed" in rows["bob"]["note"]


def test_collecting_twice_changes_nothing(course: Course) -> None:
    course.hand_in("ada")
    first = course.collect()
    before = {path: path.stat().st_mtime_ns for path in course.submitted("ada").rglob("*")}
    for settings in ({}, {"update": True}):
        assert course.collect(**settings) == first
        assert {path: path.stat().st_mtime_ns for path in course.submitted("ada").rglob("*")} == before


def test_a_newer_submission_is_collected_when_asked(course: Course) -> None:
    course.hand_in("ada")
    course.collect()
    time.sleep(1)
    second = course.hand_in("ada", "def double(x): return x + x")
    assert course.collect()["ada"]["commit"] != second
    assert "x + x" not in (course.submitted("ada") / "two.ipynb").read_text()
    assert course.collect(update=True)["ada"]["commit"] == second
    assert "x + x" in (course.submitted("ada") / "two.ipynb").read_text()


def test_work_on_something_else_makes_nothing_later(course: Course) -> None:
    """Is a submission as early as its folder, when another folder is pushed afterwards?"""
    course.hand_in("ada")
    time.sleep(1.1)
    (course.clone("ada") / "three").mkdir()
    (course.clone("ada") / "three" / "three.ipynb").write_text("{}")
    course.push("ada")
    log = (course.repositories / "ada.git" / "logs" / "refs" / "heads" / "main").read_text().splitlines()
    times = [int(line.partition("\t")[0].split()[-2]) for line in log]
    course.collect()
    stamp = parse_utc((course.submitted("ada") / "timestamp.txt").read_text()).replace(tzinfo=UTC).timestamp()
    assert stamp == times[-2] < times[-1]


def test_a_date_that_the_committer_chose(course: Course) -> None:
    """Is a push as late as it is, whatever date the student's git was told?"""
    before = time.time() - 1
    course.hand_in("ada", when=PAST)
    row = course.collect()["ada"]
    assert row["clock"] == "receiver"
    assert parse_utc(row["time"]).replace(tzinfo=UTC).timestamp() >= before


def test_elsewhere_the_time_is_the_committers_own(course: Course) -> None:
    """Where the other side keeps no log, is the clock named?"""
    elsewhere = course.root / "host" / "bob.git"
    run("clone", "--quiet", "--bare", str(course.repositories / "bob.git"), str(elsewhere))
    run("remote", "set-url", "origin", str(elsewhere), cwd=course.clone("bob"))
    course.hand_in("bob", when=PAST)
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,host/bob.git,main\n")
    row = course.collect()["bob"]
    assert (row["clock"], row["time"]) == ("committer", "2020-01-01 00:00:00.000000 UTC")


@pytest.mark.parametrize("embedded", [True, False])
def test_the_last_one_before_the_due_date(course: Course, embedded: bool) -> None:
    """With --before-duedate, is the last submission in time taken, or the late one if there is none?"""
    if not embedded:
        for student in ("ada", "bob"):
            (course.repositories / f"{student}.git" / "logs" / "refs" / "heads" / "main").unlink()
            run("config", "core.logAllRefUpdates", "false", cwd=course.repositories / f"{student}.git")
    in_time = course.hand_in("ada")
    time.sleep(1.1)
    due = datetime.now(UTC).replace(tzinfo=None)
    time.sleep(1.1)
    late = course.hand_in("ada", "def double(x): return x + x")
    only = course.hand_in("bob")
    collect = course.part(GitCollect, before_duedate=True)
    with Gradebook(collect.coursedir.db_url, "course") as gradebook:
        gradebook.add_assignment("two", duedate=due)
    collect.start()
    rows = receipts.read_rows(course.root / "class" / "receipts" / "two.csv")
    assert rows["ada"]["commit"] == in_time != late
    assert rows["bob"]["commit"] == only


def test_repositories_that_cannot_be_read_stop_nobody(course: Course) -> None:
    course.hand_in("ada")
    (course.root / "roster.csv").write_text(
        f"student_id,url\nada,\nbob,{course.root}/nowhere.git\neve,https://token:secret@127.0.0.1:9/eve.git\n"
    )
    rows = course.collect()
    assert (course.submitted("ada") / "two.ipynb").is_file()
    assert "cannot be read" in rows["bob"]["note"]
    assert "cannot be read" in rows["eve"]["note"]
    assert "secret" not in rows["eve"]["note"]
    assert not course.submitted("bob").exists()
