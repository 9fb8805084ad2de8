"""Attacks of notebooks without hidden tests, which nbgrader's own rules grade: do they get no further than others?"""

from __future__ import annotations

import contextlib
import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.support import stock_courses
from tests.support.courses import command
from tests.support.jails import needs_sandbox
from tests.support.stock_courses import MAIN, SLUG, STUDENTS, graded_notebook, scores

pytestmark = [needs_sandbox, pytest.mark.slow]
SECRET = "what-is-" + "hidden"
MARK = f"left-by-a-notebook-{os.getpid()}"
ALONE = f"start_new_session=True, stdout=-3, stderr=-3, env={{{{'X': '{MARK}'}}}}"
"""With nowhere to write: the command that grades waits for no pipe of a process that stays."""
ATTACKS = {
    "gradebook": "print(open('{root}/course/gradebook.db', 'rb').read(15))",
    "hidden_tests": "print(open('{root}/graders/other/test_cell.py').read())",
    "loopback": "import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/', timeout=5).read().decode())",
    "process": f"import subprocess as s\ns.Popen(['sleep', '611'], {ALONE})",
    "prints": "for _ in range(60): print('x' * 100_000)",
    "sleeps": "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass",
}
"""What each student's first answer does; the rest of the notebook is right."""


@dataclass(frozen=True)
class Class:
    """A graded class."""

    root: Path
    left: list[int]

    def text(self, student: str) -> str:
        """All outputs of a student's notebook."""
        return str([cell.get("outputs") for cell in graded_notebook(self.root, student).cells])


@contextlib.contextmanager
def service() -> Iterator[int]:
    """Something that listens on the machine's loopback, for those who are on the machine; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def graded(root: Path, sandbox: str) -> Class:
    """The class of attackers, and an honest student, graded under a policy by `nbgrader autograde`."""
    tests = root / "graders" / "other"
    tests.mkdir(parents=True)
    (tests / "test_cell.py").write_text(f"# {SECRET}")
    with service() as port:
        attacks = {name: source.format(root=root, port=port) for name, source in ATTACKS.items()}
        students = {
            name: STUDENTS["right"] | {"solve_double": f"def double(x): return factor * x\n{source}"}
            for name, source in attacks.items()
        }
        settings = f"c.GradeNotebook.sandbox = {sandbox!r}\nc.Execute.iopub_timeout = 2\n"
        stock_courses.make(root, ours=True, more=settings, students=students | {"honest": STUDENTS["right"]})
        command(root, "autograde", SLUG)
    return Class(root, still_there())


def still_there() -> list[int]:
    """The processes that a notebook has left on this machine."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline() == ["sleep", "611"] and process.environ().get("X") == MARK:
                found.append(process.pid)
    return found


@pytest.fixture(scope="module")
def jailed(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return graded(tmp_path_factory.mktemp("jailed"), "required")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    done = graded(tmp_path_factory.mktemp("outside"), "off")
    yield done
    for pid in done.left:
        psutil.Process(pid).kill()


def test_nothing_of_the_machine_is_there(jailed: Class) -> None:
    for student in ("gradebook", "hidden_tests"):
        assert "FileNotFoundError" in jailed.text(student)
    assert "Connection refused" in jailed.text("loopback")
    assert not [student for student in ATTACKS if SECRET in jailed.text(student).replace(str(jailed.root), "")]
    assert "SQLite format" not in jailed.text("gradebook")


def test_no_process_stays(jailed: Class) -> None:
    assert jailed.left == []


def test_output_and_time_are_bounded(jailed: Class) -> None:
    assert "the rest of the output was left out" in jailed.text("prints")
    assert len(jailed.text("prints")) < 2 << 20
    assert "the kernel did not stop when it was told to" in jailed.text("sleeps")


def test_the_honest_student_keeps_the_exact_score(jailed: Class) -> None:
    points = {name: score for (student, book, name), (score, *_) in scores(jailed.root).items() if student == "honest"}
    assert points == {
        "double": 2, "part": 3, "part_of_float": 3, "quiet": 1, "free": 1, "last": 1, "beside": 1, "x": 1
    }  # fmt: skip
    assert (jailed.root / "course" / "autograded" / "sleeps" / SLUG / f"{MAIN}.ipynb").is_file()


def test_without_the_jail_all_of_it_is_there(outside: Class) -> None:
    """The protection taken out: the same class under the policy `off`."""
    assert "SQLite format" in outside.text("gradebook")
    assert SECRET in outside.text("hidden_tests")
    assert SECRET in outside.text("loopback")
    assert outside.left
    assert len(outside.text("prints")) > 5 << 20
