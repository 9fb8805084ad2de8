"""A class that cannot be graded: is it one line soon, with nothing half written, and does the next run mend it?"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.bridge import patiently
from autograder.classroom.batch import autograde_class
from autograder.classroom.dispatch import Dispatch
from autograder.classroom.record import Recorder, broken
from autograder.classroom.settle import Settle
from autograder.course.sprint import find_sprint
from autograder.errors import BadInput
from autograder.grading.limits import Limits
from autograder.grading.results import read_results
from tests.support.classes import MAIN, marks, outcome
from tests.support.courses import SLUG, python
from tests.support.paths import ROOT


def test_a_scheduler_that_hears_and_never_answers_is_said(course: Path) -> None:
    """Within ten seconds on a machine with nothing else to do; here only: at all."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        said = python(course, "-c", MAIN, "autograde", SLUG, "--scheduler", address, status=2).strip().splitlines()
    assert len(said) == 1
    assert said[0].startswith(f"autograder: the scheduler {address} does not answer")


@pytest.mark.parametrize("address", ["nowhere.invalid:8786", "tcp://127.0.0.1:what", "pigeon://127.0.0.1:1"])
def test_an_address_that_is_none_is_said(course: Path, address: str) -> None:
    with pytest.raises(BadInput, match=f"the scheduler {address} does not answer"):
        autograde_class(SLUG, scheduler=address)


def test_a_gradebook_that_is_none_is_said_at_once(course: Path) -> None:
    (course / "course" / "gradebook.db").write_text("not a database" * 100)
    began = time.monotonic()
    with pytest.raises(BadInput, match="gradebook.db cannot be used .*not a database"):
        autograde_class(SLUG)
    assert time.monotonic() - began < patiently.DATABASE_S


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "\n\n@pytest.mark.points(9)\ndef test_more(student):\n    pass\n",
            r"test_\w+\.py: the points add up to \d+, the",
        ),
        ("\n\ndef test_more(:\n", r"test_\w+\.py: .*SyntaxError: invalid syntax"),
        ("\n\nimport lost_module\n", r"test_\w+\.py: .*ModuleNotFoundError: No module named 'lost_module'"),
    ],
)
def test_a_mistake_in_the_graders_stops_the_class_with_one_line(course: Path, line: str, why: str) -> None:
    """It would be everybody's line; nobody is graded, and the next run grades all."""
    graders = sorted((course / "graders" / SLUG).glob("test_*.py"))
    text = graders[0].read_text()
    graders[0].write_text(text + line)
    before = outcome(course)
    said = python(course, "-c", MAIN, "autograde", SLUG, status=3).strip().splitlines()
    assert len(said) == 1
    assert re.match(rf"autograder: nothing more is graded: the hidden tests of {SLUG} could not be run: {why}", said[0])
    assert outcome(course) == before
    graders[0].write_text(text)


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_gradebook_locked_at_the_last_moment_has_all_or_nothing(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked while a submission is written: is none of its rows there, no graded notebook, no mark?"""
    monkeypatch.setattr(patiently, "DATABASE_S", 0.1)
    recorder = Recorder(course, SLUG)
    sprint = find_sprint(SLUG, course, Path(recorder.hidden.directory))
    settle = Settle(recorder, sprint, dry_run=False)
    dispatch = Dispatch(settle, Limits(), Console())
    (submission,) = dispatch.plan(["ada"], "missing")
    sanitized = dispatch._sanitized(submission.folder)
    with contextlib.closing(sqlite3.connect(course / "course" / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BadInput, match="gradebook.db cannot be used .*locked"):
            settle.record(submission, broken(sanitized, sprint, "a reason"))
        assert not (course / "course" / "autograded" / "ada").exists() or not any(
            (course / "course" / "autograded" / "ada").iterdir()
        )
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as book:
        assert book.assignment_submissions(SLUG) == []
        assert [student.id for student in book.students] == []
    assert not marks(course)
    settle.record(submission, broken(sanitized, sprint, "a reason"))
    assert set(marks(course)) == {"ada"}


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
@pytest.mark.parametrize("damage", [b"\xff", b"{", b"[]"], ids=["no text", "cut off", "no results"])
def test_earlier_results_that_cannot_be_read_are_replaced(course: Path, damage: bytes) -> None:
    """Nothing is compared with them, and they do not keep the rest of the class from being graded."""
    recorder = Recorder(course, SLUG)
    sprint = find_sprint(SLUG, course, Path(recorder.hidden.directory))
    settle = Settle(recorder, sprint, dry_run=False)
    dispatch = Dispatch(settle, Limits(), Console())
    (submission,) = dispatch.plan(["ada"], "missing")
    sanitized = dispatch._sanitized(submission.folder)
    path = recorder.results_of("ada") / "results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(damage)
    settle.record(submission, broken(sanitized, sprint, "a reason"))
    assert (settle.standing.compared, settle.standing.failed) == (0, {})
    assert read_results(path, SLUG).status == "broken"


FULL = """
set -e
mount -t tmpfs -o size={small}k none {class_}
cp -a {copy}/. {class_}
set +e
{command} > {said} 2>&1
echo $? >> {said}
set -e
mount -o remount,size=100m {class_}
cp -a {class_}/. {between}
set +e
{command} > {again} 2>&1
set -e
cp -a {class_}/. {copy}
"""


@pytest.mark.slow
@pytest.mark.parametrize("room", [8, 100, 200])
def test_a_full_disk_is_said_and_mended_by_room(
    course: Path, serial: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, room: int
) -> None:
    """With so many kilobytes left: one line, no traceback, and the right end when there is room?"""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    kept, between = elsewhere / "kept", elsewhere / "between"
    shutil.copytree(course / "course", kept)
    between.mkdir()
    used = sum(-(-path.stat().st_size // 4096) * 4 for path in kept.rglob("*") if path.is_file())
    script = FULL.format(
        small=used + room, class_=course / "course", copy=kept, between=between, said=elsewhere / "said",
        again=elsewhere / "again", command=f"{sys.executable} -c '{MAIN}' autograde {SLUG} --workers 1",
    )  # fmt: skip
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_PATH": str(course), "AUTOGRADER_SANDBOX": "off"
    }  # fmt: skip
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=course, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    *lines, status = (elsewhere / "said").read_text().strip().splitlines()
    assert status in ("2", "3"), lines
    assert len(lines) == 1, lines
    assert "full" in lines[0] or "No space left" in lines[0]
    shutil.rmtree(course / "course")
    shutil.copytree(kept, course / "course")
    assert (
        (elsewhere / "again").read_text().strip().splitlines()[-1].startswith("0 graded, 0 pending, 4 broken, 0 failed")
    )
    assert {name: made for name, made in outcome(course).items() if name.startswith("rows")} == {
        name: made for name, made in serial.items() if name.startswith("rows")
    }
