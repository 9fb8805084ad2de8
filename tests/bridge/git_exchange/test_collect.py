"""Is what was pushed collected as it is, as early as it came, and does nobody's repository stop the others?"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograder.bridge.git_exchange import GitCollect, arrivals, receipts
from tests.support.git_courses import PAST, Course, run

SIGNED = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"


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
    assert row["clock"] == "arrival"
    assert parse_utc(row["time"]).replace(tzinfo=UTC).timestamp() >= before


def moment(row: dict[str, str]) -> float:
    return parse_utc(row["time"]).replace(tzinfo=UTC).timestamp()


def test_two_pushes_with_a_clock_of_the_pushers(course: Course) -> None:
    """Is work as late as it is, when its push and a second one both say 2020 in the receiving log?"""
    before = time.time() - 1
    course.hand_in("ada", when=PAST)
    (course.clone("ada") / "other").mkdir()
    (course.clone("ada") / "other" / "x").write_text("x")
    course.push("ada", when=PAST)
    log = (course.repositories / "ada.git" / "logs" / "refs" / "heads" / "main").read_text()
    assert log.count(" 1577836800 +0000\t") == 2, "the log itself says 2020"
    row = course.collect()["ada"]
    assert moment(row) >= before
    assert row["clock"] == "arrival"


@pytest.mark.parametrize("what", ["no log", "a log of one's own"])
def test_a_log_that_was_changed(course: Course, what: str) -> None:
    """Does it matter what a student, who can write there, makes of the log?"""
    before = time.time() - 1
    head = course.hand_in("ada", when=PAST)
    log = course.repositories / "ada.git" / "logs" / "refs" / "heads" / "main"
    if what == "no log":
        log.unlink()
    else:
        log.write_text(f"{'0' * 40} {head} a <a@b> 1577836800 +0000\tpush\n")
        os.utime(log, (1577836800, 1577836800))
    row = course.collect()["ada"]
    assert moment(row) >= before
    assert row["clock"] == "arrival"


@pytest.mark.parametrize("log", ["another commit's", "the first push's"])
def test_a_head_that_the_log_does_not_know(course: Course, log: str) -> None:
    """Is work as late as it is, when the branch was set beside git, and its log ends with something else?"""
    first = course.hand_in("ada", "early")
    repository = course.repositories / "ada.git"
    file = repository / "logs" / "refs" / "heads" / "main"
    before = time.time() - 1
    kept = file.read_text() if log == "the first push's" else f"{'0' * 40} {'1' * 40} a <a@b> 1577836800 +0000\tpush\n"
    head = course.hand_in("ada", "late", when=PAST)
    file.write_text(kept)
    assert (repository / "refs" / "heads" / "main").read_text().strip() == head != first
    row = course.collect()["ada"]
    assert row["commit"] == head
    assert moment(row) >= before
    assert row["clock"] == "arrival"


def test_objects_with_a_date_of_ones_own(course: Course) -> None:
    """Do the times of files that anybody can set have no effect?"""
    before = time.time() - 1
    course.hand_in("ada", when=PAST)
    for path in course.repositories.rglob("*"):
        os.utime(path, (1577836800, 1577836800))
    assert moment(course.collect()["ada"]) >= before


def test_a_commit_that_is_in_no_file_there(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it cannot be seen when a commit came in, does the time of collection count, and is that said?"""
    course.hand_in("ada", when=PAST)
    run("repack", "-a", "-d", "-q", cwd=course.repositories / "ada.git")
    monkeypatch.setattr(arrivals, "MAX_INDEX", 0)
    before = time.time() - 1
    row = course.collect()["ada"]
    assert moment(row) >= before
    assert row["clock"] == "collection"


def test_a_repositorys_settings_run_nothing(course: Course) -> None:
    """Is history read in the platform's own repository, where no student names programs?"""
    course.hand_in("ada")
    repository, ran = course.repositories / "ada.git", course.root / "ran"
    program = course.root / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    (repository / "logs" / "refs" / "heads" / "main").unlink()
    for name in ("gpg.program", "core.pager", "diff.external", "core.sshCommand", "core.fsmonitor"):
        run("config", name, str(program), cwd=repository)
    run("config", "log.showSignature", "true", cwd=repository)
    signed = run("cat-file", "commit", "main", cwd=repository).replace("\n\n", f"\n{SIGNED}\n\n", 1)
    commit = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"], cwd=repository, input=signed, text=True,
        capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip
    (repository / "refs" / "heads" / "main").write_text(f"{commit}\n")
    subprocess.run(["git", "log", "-1", "main"], cwd=repository, capture_output=True, check=False)
    assert ran.exists(), "git itself would run it"
    ran.unlink()
    assert course.collect()["ada"]["clock"] == "arrival"
    assert not ran.exists()


def test_a_large_push_arrives_as_a_pack(course: Course) -> None:
    """Is an honest push of many files by the receiver's clock, as a small one is, also after the repository grew?"""
    clone = course.clone("ada")
    (clone / "many").mkdir()
    for number in range(150):
        (clone / "many" / str(number)).write_text(str(number))
    before = time.time() - 1
    course.hand_in("ada")
    assert list((course.repositories / "ada.git" / "objects" / "pack").glob("*.idx"))
    row = course.collect()["ada"]
    assert before <= moment(row) <= time.time()
    assert row["clock"] == "receiver"


@pytest.mark.parametrize(("trusted", "clock"), [(False, "arrival"), (True, "receiver")])
def test_the_log_of_a_git_server_on_this_machine(course: Course, trusted: bool, clock: str) -> None:
    """Does an instructor who knows that only a server writes there say so, for copies of its repositories say?"""
    elsewhere = course.root / "host" / "bob.git"
    course.hand_in("bob", when=PAST)
    shutil.copytree(course.repositories / "bob.git", elsewhere)
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,host/bob.git,main\n")
    row = course.collect(server_logs=trusted)["bob"]
    assert row["clock"] == clock
    assert (row["time"] == "2020-01-01 00:00:00.000000 UTC") is trusted


def test_elsewhere_the_time_is_the_committers_own(course: Course) -> None:
    """Where only a server writes, and it keeps no log, is the clock named?"""
    elsewhere = course.root / "host" / "bob.git"
    run("clone", "--quiet", "--bare", str(course.repositories / "bob.git"), str(elsewhere))
    run("remote", "set-url", "origin", str(elsewhere), cwd=course.clone("bob"))
    course.hand_in("bob", when=PAST)
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,host/bob.git,main\n")
    row = course.collect(server_logs=True)["bob"]
    assert (row["clock"], row["time"]) == ("committer", "2020-01-01 00:00:00.000000 UTC")


@pytest.mark.parametrize("log", ["none", "the first push's"])
def test_a_repository_of_a_students_own_without_the_log_of_its_head(course: Course, log: str) -> None:
    """Outside the exchange's folder too, a log that a student removes is no reason to believe the committer's clock."""
    elsewhere = course.root / "host" / "bob.git"
    run("clone", "--quiet", "--bare", str(course.repositories / "bob.git"), str(elsewhere))
    run("config", "core.logAllRefUpdates", "always", cwd=elsewhere)
    run("remote", "set-url", "origin", str(elsewhere), cwd=course.clone("bob"))
    (course.root / "roster.csv").write_text("student_id,url,branch\nbob,host/bob.git,main\n")
    course.hand_in("bob", "early")
    file = elsewhere / "logs" / "refs" / "heads" / "main"
    kept = file.read_text()
    before = int(time.time())
    course.hand_in("bob", "late", when=PAST)
    file.unlink() if log == "none" else file.write_text(kept)
    row = course.collect()["bob"]
    assert moment(row) >= before
    assert row["clock"] == "arrival"


def test_a_clock_of_the_pushers_gains_no_second(course: Course) -> None:
    """Clocks of a log and of its files may differ somewhat: does the later one count?"""
    course.clone("ada")
    before = int(time.time())
    course.hand_in("ada", when=f"@{before - 55} +0000")
    row = course.collect()["ada"]
    assert moment(row) >= before
    assert row["clock"] == "receiver"


def test_a_name_with_a_line_separator_makes_no_entry_of_a_log(course: Course) -> None:
    """Has the name of who pushed an end of a line in it that is none to git?"""
    head, repository = course.hand_in("ada"), course.repositories / "ada.git"
    log = repository / "logs" / "refs" / "heads" / "main"
    forged = f"{'0' * 40} {head} a <a@b> 1577836800 +0000"
    log.write_text(log.read_text().replace(" student ", f" x\u2028{forged}\x85 "))
    assert forged in log.read_text().splitlines()
    found = receipts.pushes(repository, "main", trusted=True, timeout=9)
    assert found
    assert all(push.time > 1577836800 for push in found)


@pytest.mark.parametrize("what", ["index", "log"])
def test_what_became_a_pipe_is_not_waited_for(course: Course, what: str) -> None:
    """A file that is exchanged after the repository was looked through: does reading the times go on?"""
    course.hand_in("ada")
    repository = course.repositories / "ada.git"
    path = repository / {"index": "objects/pack/pack-x.idx", "log": "logs/refs/heads/main"}[what]
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if what == "log":
        assert receipts.pushes(repository, "main", trusted=False, timeout=9) == []
    else:
        assert arrivals._listed(path, {"x"}, 9) == set()


def test_an_earlier_receipt_counts_for_the_same_content(course: Course) -> None:
    """Does a punctual submission stay so when its repository is packed anew and something else is pushed?"""
    course.hand_in("ada")
    first = course.collect(update=True)["ada"]
    time.sleep(1.1)
    (course.clone("ada") / "other").mkdir()
    (course.clone("ada") / "other" / "x").write_text("x")
    course.push("ada")
    run("repack", "-a", "-d", "-q", cwd=course.repositories / "ada.git")
    (course.repositories / "ada.git" / "logs" / "refs" / "heads" / "main").unlink()
    assert course.collect(update=True)["ada"] == first
    time.sleep(1.1)
    course.hand_in("ada", "other work")
    later = course.collect(update=True)["ada"]
    assert moment(later) > moment(first)


@pytest.mark.parametrize("when", ["@253402300799 +0000"])
def test_a_date_in_another_age(course: Course, when: str) -> None:
    """The last second that Python knows is a time nowhere east of Greenwich: is only that student left out?"""
    elsewhere = course.root / "host" / "bob.git"
    run("clone", "--quiet", "--bare", str(course.repositories / "bob.git"), str(elsewhere))
    run("remote", "set-url", "origin", str(elsewhere), cwd=course.clone("bob"))
    course.hand_in("bob", when=when)
    course.hand_in("ada")
    roster = f"student_id,url,branch\nbob,host/bob.git,main\nada,{course.repositories / 'ada.git'},main\n"
    (course.root / "roster.csv").write_text(roster)
    rows = course.collect(server_logs=True)
    assert "is not a time" in rows["bob"]["note"]
    assert rows["ada"]["time"]


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
