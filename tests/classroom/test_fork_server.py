"""Are this machine's workers made of a process that is ready for it?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from distributed import Client

from autograder.classroom import fork_server
from autograder.classroom.cluster import client_of
from autograder.jail import lending, warm
from tests.support.jails import needs_sandbox
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One worker, which has been given nothing to do."""
    with pytest.MonkeyPatch.context() as patch:
        forkserver._forkserver._stop()  # another test's, which has imported something else
        fork_server.start_soon()
        patch.setenv("AUTOGRADER_SET_LATER", "yes")
        with client_of(1, None) as client:
            yield client


def imported() -> tuple[int, bool]:
    """Whose child this process is, and whether it has what grading needs."""
    return os.getppid(), "autograder.classroom.work" in sys.modules


def set_later() -> str | None:
    """What the run's environment has and that of the first process had not."""
    return os.environ.get("AUTOGRADER_SET_LATER")


def test_workers_are_forked_from_what_has_imported_all_they_need(client: Client) -> None:
    (worker,) = client.run(imported).values()
    assert worker == (forkserver._forkserver._forkserver_pid, True)


def test_what_is_forked_has_no_threads(client: Client) -> None:
    """A thread would be missing in the fork, with whatever lock it held."""
    pid = forkserver._forkserver._forkserver_pid
    assert len(os.listdir(f"/proc/{pid}/task")) == 1


def test_a_worker_has_the_environment_of_the_run(client: Client) -> None:
    """Also what was set after the first process had started?"""
    (said,) = client.run(set_later).values()
    assert said == "yes"


MAIN = """
import sys
from multiprocessing import get_context
from autograder.classroom import fork_server

def ended(): sys.exit("autograder.classroom.work" not in sys.modules)

if __name__ == "__main__":
    fork_server.start_soon()
    process = get_context(fork_server.METHOD).Process(target=ended)
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


def test_what_lies_in_the_working_directory_is_not_imported(tmp_path: Path) -> None:
    """A submission's nbclient.py, say, where somebody looks at it and has the class graded from there?"""
    here = tmp_path / "here"
    here.mkdir()
    (here / "nbclient.py").write_text("open('imported', 'w')\nraise SystemExit(3)")
    (tmp_path / "main.py").write_text(MAIN)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    command = [sys.executable, str(tmp_path / "main.py")]
    subprocess.run(command, cwd=here, env=environment | {"PYTHONPATH": path}, timeout=100, check=True)
    assert [file.name for file in here.iterdir()] == ["nbclient.py"]


def _warm_jail(told: Connection) -> None:
    os.environ.pop(lending.VARIABLE, None)  # with a warm process of its own
    jail = warm.shared(("numpy", "msgpack"))
    jail.warm_up()
    told.send(str(jail.rooms.parent))


@needs_sandbox
def test_a_forked_process_leaves_no_sandbox_behind() -> None:
    """Is its folder removed at its end, where Python calls nothing that was left to atexit?"""
    fork_server.start_soon()
    mine, theirs = get_context(fork_server.METHOD).Pipe()
    process = get_context(fork_server.METHOD).Process(target=_warm_jail, args=(theirs,))
    process.start()
    folder = Path(mine.recv())
    process.join(60)
    assert process.exitcode == 0
    assert not folder.exists()
