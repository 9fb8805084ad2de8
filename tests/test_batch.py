"""Does a class graded in parallel end as nbgrader's own serial run ends, whoever is killed on the way?"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.bridge.config import commands_on_path
from autograder.classroom import batch
from autograder.classroom.batch import autograde_class, only_run
from autograder.errors import BadInput
from tests.courses import ROOT, SLUG, TIME, command, make_course, python
from tests.test_bridge_end_to_end import ANSWERS, NOTEBOOK, answer

MAIN = "from autograder.cli import main; main()"
FAULTY = 3
"""Exit code in a class of which every submission meets the sprint's faulty test."""
NOISE = "import sys\nprint('noise', file=sys.stderr)\nopen('written.txt', 'w').write('kept')\n"

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


def hand_in(root: Path, student: str, **answers: str) -> Path:
    """Put a submission where `nbgrader collect` puts it."""
    nb = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    folder = root / "course" / "submitted" / student / SLUG
    folder.mkdir(parents=True)
    nbformat.write(answer(nb, **answers), folder / NOTEBOOK)
    (folder / "timestamp.txt").write_text(TIME)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.environ["PATH"])
        patch.setenv("AUTOGRADER_SEED", "the same in every run")
        commands_on_path()
        yield


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with collected submissions, of which none has been graded."""
    root = tmp_path_factory.mktemp("collected")
    make_course(root)
    command(root, "generate_assignment", SLUG)
    hand_in(root, "ada", **ANSWERS)
    hand_in(root, "noisy", **{name: NOISE + source for name, source in ANSWERS.items()})
    hand_in(root, "wrong", solve_double="def double(x): return 2 * x or 1")
    (root / "course" / "submitted" / "missing" / SLUG).mkdir(parents=True)
    return root


@pytest.fixture(scope="module")
def serial(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What nbgrader makes of them, one at a time."""
    root = copy(collected, tmp_path_factory.mktemp("serial"))
    command(root, "autograde", SLUG)
    return outcome(root)


@pytest.fixture
def course(collected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course, in which the command works when it is called in this process."""
    root = copy(collected, tmp_path)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(root))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    return root


@pytest.fixture(scope="module")
def graded(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after the command."""
    root = copy(collected, tmp_path_factory.mktemp("graded"))
    said = autograde(root, "--workers", "2")
    assert said == "0 graded, 0 pending, 4 broken, 0 failed; 0 of them by an earlier run"
    return root


def copy(course: Path, target: Path) -> Path:
    shutil.copytree(course, target, dirs_exist_ok=True)
    return target


def autograde(root: Path, *arguments: str, status: int = FAULTY) -> str:
    """The command as a user runs it; the last line of what it says."""
    return python(root, "-c", MAIN, "autograde", SLUG, *arguments, status=status).strip().splitlines()[-1]


def outcome(root: Path) -> dict[str, Any]:
    """The gradebook, the graded notebooks, the files beside them and the results, but for times."""
    found: dict[str, Any] = {}
    with Gradebook(f"sqlite:///{root}/course/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(SLUG):
            (book,) = submission.notebooks
            found[f"rows of {submission.student_id}"] = (
                submission.timestamp,
                sorted((g.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.score) for g in book.grades),
                sorted((c.name, c.auto_comment, c.manual_comment) for c in book.comments),
            )
    for step in ("autograded", "results"):
        for path in (root / "course" / step).rglob("*"):
            name = str(path.relative_to(root))
            if path.name == NOTEBOOK:
                found[name] = notebook_without_times(path)
            elif path.name == "results.json":
                found[name] = re.sub(r'"duration_s": [\d.e-]+', "", path.read_text())
            elif path.is_file() and path.name not in ("done.json", "junit.xml"):
                found[name] = path.read_bytes(), path.stat().st_mode
    return found


def notebook_without_times(path: Path) -> Any:
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
    return nb


def marks(root: Path) -> dict[str, int]:
    """When each done submission was marked as done."""
    return {path.parts[-3]: path.stat().st_mtime_ns for path in (root / "course" / "results").glob("*/*/done.json")}


def test_a_class_graded_in_parallel_is_graded_as_by_nbgrader(graded: Path, serial: dict[str, Any]) -> None:
    """Are rows, notebooks, files and results the same?"""
    assert outcome(graded) == serial


def test_nothing_is_done_twice(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_ROOT", str(graded))
    before = marks(graded)
    standing = autograde_class(SLUG)
    assert standing.already == len(standing.broken) == 4
    assert marks(graded) == before


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


def test_a_worker_with_other_graders_is_refused(course: Path) -> None:
    patch = "from autograder.classroom import batch; batch.fingerprint = lambda graders: 'autograder 9'\n"
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


def test_a_gradebook_that_knows_no_assignment_is_said(course: Path) -> None:
    (course / "course" / "gradebook.db").unlink()
    with pytest.raises(BadInput, match="the gradebook does not know 'doubling': run 'nbgrader generate_assignment"):
        autograde_class(SLUG)


def test_a_locked_gradebook_is_waited_for(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it one line in the end, with nothing written?"""
    monkeypatch.setattr(batch, "DATABASE_S", 0.1)
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
    monkeypatch.setattr(batch, "SCHEDULER_S", 0.5)
    began = time.monotonic()
    with pytest.raises(BadInput, match="the scheduler tcp://127.0.0.1:1 does not answer"):
        autograde_class(SLUG, scheduler="tcp://127.0.0.1:1")
    assert time.monotonic() - began < 10
