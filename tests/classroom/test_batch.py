"""Does a class graded in parallel end as nbgrader's own serial run ends, whoever is killed on the way?"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from autograder.bridge import patiently
from autograder.classroom import cluster
from autograder.classroom.batch import autograde_class, only_run
from autograder.errors import BadInput
from tests.support.classes import MAIN, autograde, copy, hand_in, marks, outcome
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, python
from tests.support.paths import ROOT

KILLS = '''
    import os, signal
    import pytest
    from pathlib import Path
    from autograder.grading import check, value

    @pytest.mark.points(1)
    def test_half(student):
        """A worker dies of some answers."""
        said = value(student.half(0))
        if said == "always" or (said == "once" and not Path({once!r}).exists()):
            Path({once!r}).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        check(value(student.half(2)) == 1, "half(x) + half(x) is x")
'''


def test_a_class_graded_in_parallel_is_graded_as_by_nbgrader(graded: Path, serial: dict[str, Any]) -> None:
    """Are rows, notebooks, files and results the same?"""
    assert outcome(graded) == serial


def test_nothing_is_done_twice(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copy(graded, tmp_path)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    before = marks(root)
    standing = autograde_class(SLUG)
    assert standing.already == len(standing.broken) == 4
    assert marks(root) == before


@pytest.mark.slow
def test_a_new_submission_of_a_named_student_is_graded(graded: Path, tmp_path: Path, serial: dict[str, Any]) -> None:
    """Is another's new submission left for later?"""
    root = copy(graded, tmp_path)
    before, submitted = marks(root), root / "course" / "submitted"
    for student in ("wrong", "missing"):
        shutil.copy(submitted / "ada" / SLUG / NOTEBOOK, submitted / student / SLUG / NOTEBOOK)
    assert autograde(root, "--student", "wrong", "--workers", "1").startswith("0 graded, 0 pending, 1 broken")
    assert outcome(root)["rows of wrong"][1] == serial["rows of ada"][1]
    assert {student for student, at in marks(root).items() if at != before[student]} == {"wrong"}


def killed_and_resumed(root: Path, when: Any) -> str:
    """Start the command, kill it with SIGKILL when `when(seconds)` says so, and run it to its end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_PATH": str(root)}
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "autograde", SLUG], cwd=root, env=environment, stdout=log, stderr=log
        )
        began = time.monotonic()
        while process.poll() is None and not when(time.monotonic() - began):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    return autograde(root)


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(course: Path, serial: dict[str, Any]) -> None:
    said = killed_and_resumed(course, lambda _: marks(course))
    assert not said.endswith("; 0 of them by an earlier run")
    assert outcome(course) == serial


@pytest.mark.slow
def test_a_run_killed_at_ten_moments_ends_the_same(
    collected: Path, serial: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is the gradebook that of an undisturbed run whenever the coordinator is killed?"""
    began = time.monotonic()
    autograde(copy(collected, tmp_path / "undisturbed"))
    whole = time.monotonic() - began
    for number in range(10):
        root = copy(collected, tmp_path / str(number))
        moment = random.uniform(0, whole)
        killed_and_resumed(root, lambda seconds, moment=moment: seconds > moment)
        assert outcome(root) == serial, f"killed after {moment:.2f} s of {whole:.2f} s"


@pytest.mark.slow
def test_a_submission_that_kills_its_workers_stops_nobody(course: Path, serial: dict[str, Any]) -> None:
    """Is a lost worker's submission graded by another, and given up after the second death?"""
    (course / "graders" / SLUG / "test_half.py").write_text(
        "\n".join(line.removeprefix("    ") for line in KILLS.format(once=str(course / "once")).splitlines())
    )
    for student in ("once", "always"):
        hand_in(course, student, **ANSWERS | {"solve_half": f"def half(x): return x / 2 if x else '{student}'"})
    autograde(course)
    rows = outcome(course)
    assert (course / "once").exists()
    assert rows["rows of once"][1] == rows["rows of ada"][1] == serial["rows of ada"][1]
    assert {(score, manual) for _, score, _, manual, _ in rows["rows of always"][1]} == {(None, True)}
    results = json.loads((course / "course" / "results" / "always" / SLUG / "results.json").read_text())
    assert {test["message"] for cell in results["cells"] for test in cell["tests"]} == {
        "2 workers died while they graded it"
    }
    assert "always" in marks(course)


@pytest.mark.slow
def test_a_worker_with_other_graders_is_refused(course: Path) -> None:
    patch = "from autograder.classroom import dispatch; dispatch.fingerprint = lambda *of: 'autograder 9'\n"
    said = python(course, "-c", patch + MAIN, "autograde", SLUG, "--workers", "1", status=2)
    assert "autograder 9 is wanted: install the same version and the same graders there" in said
    assert "Traceback" not in said
    assert not marks(course)


def test_a_second_run_on_the_same_gradebook_stops(course: Path) -> None:
    with only_run(course / "course"), pytest.raises(BadInput, match=f"another run .*process {os.getpid()}"):
        autograde_class(SLUG)
    with only_run(course / "course"):
        pass


def test_bad_input_is_said_in_one_line(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="unknown sprint 'other'"):
        autograde_class("other")
    with pytest.raises(BadInput, match="no submission of bob for 'doubling' has been collected"):
        autograde_class(SLUG, students=["ada", "bob"])
    shutil.rmtree(course / "course" / "submitted")
    with pytest.raises(BadInput, match="nothing has been collected for 'doubling': run 'nbgrader collect"):
        autograde_class(SLUG)


def test_an_id_that_cannot_be_one_is_named_with_the_reason(
    graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy(graded, tmp_path)
    hand_in(root, "a&b")
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    (look,) = autograde_class(SLUG).looks
    assert look.who == "a&b"
    assert look.what.startswith("the student's id is empty, too long, or has other characters")


def test_a_gradebook_that_knows_no_assignment_is_said(course: Path) -> None:
    (course / "course" / "gradebook.db").unlink()
    with pytest.raises(BadInput, match="the gradebook does not know 'doubling': run 'nbgrader generate_assignment"):
        autograde_class(SLUG)


def test_a_locked_gradebook_is_waited_for(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it one line in the end, with nothing written?"""
    monkeypatch.setattr(patiently, "DATABASE_S", 0.1)
    with contextlib.closing(sqlite3.connect(course / "course" / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BadInput, match="gradebook.db cannot be used .*locked"):
            autograde_class(SLUG)
    assert not (course / "course" / "autograded").exists()


CLUSTER = """
from distributed import LocalCluster
with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
    print(cluster.scheduler_address, flush=True)
    input()
"""


@pytest.mark.slow
def test_a_cluster_grades_what_it_is_sent(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Do workers that somebody else started, in another folder, grade into this gradebook?"""
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER], cwd=tmp_path_factory.mktemp("elsewhere"), text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as cluster:  # fmt: skip
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        said = autograde(course, "--student", "ada", "--scheduler", address)
        cluster.communicate("\n")
    assert said.startswith("0 graded, 0 pending, 1 broken, 0 failed")
    assert set(marks(course)) == {"ada"}


def test_a_scheduler_that_does_not_answer_is_said(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SCHEDULER_S", 0.5)
    began = time.monotonic()
    with pytest.raises(BadInput, match="the scheduler tcp://127.0.0.1:1 does not answer"):
        autograde_class(SLUG, scheduler="tcp://127.0.0.1:1")
    assert time.monotonic() - began < 10
