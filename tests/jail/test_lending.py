"""Do the processes that a command starts share its warm process, and stay apart in everything else?"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.errors import PlatformFault
from autograder.jail import lending, loader, warm
from autograder.jail.warm_process import Settings, WarmProcess
from tests.support.jails import jailed, needs_sandbox, run
from tests.support.paths import ROOT

pytestmark = needs_sandbox
MODULES = ("numpy", "msgpack")
WORKER = """
import json, os, sys
from autograder.jail import warm
from tests.support.jails import jailed, run

wanted = json.loads(sys.argv[1])
if wanted["cores"]:
    os.sched_setaffinity(0, wanted["cores"])
jail = warm.shared(("numpy", "msgpack"))
for line in sys.stdin:
    with jailed(jail) as kernel:
        said = [type(jail.warm).__name__, run(kernel, line)]
    print(json.dumps(said), flush=True)
"""
"""Runs each line that it is told in a jail of its own; says whose warm process that came from, and the result, when the
jail has ended."""


class Worker:
    """A process that was started in the block in which this one lends."""

    def __init__(self, cores: list[int] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps({"cores": cores})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def run(self, source: str) -> Any:
        """What one line of source, run in a jail, left in ``result``; the warm process must be a borrowed one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{source}\n")
        self.process.stdin.flush()
        whose, result = json.loads(self.process.stdout.readline())
        assert whose == "Borrowed"
        return result

    def close(self) -> None:
        """Let it end."""
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0


@pytest.fixture
def own() -> Iterator[list[WarmProcess]]:
    """The warm processes that were lent in the block; they end with it."""
    made: dict[Settings, WarmProcess] = {}

    def of(settings: Settings) -> WarmProcess:
        return made.setdefault(settings, WarmProcess(settings))

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(lending.VARIABLE, raising=False)
        with lending.lending(of):
            yield made.values()  # type: ignore[misc]
    for process in made.values():
        process.close()


def process_of(warm_process: WarmProcess) -> psutil.Process:
    assert warm_process._process is not None
    return psutil.Process(warm_process._process.pid)


def test_two_processes_share_one(own: list[WarmProcess]) -> None:
    """Are their jails forks of one warm process, and is there no other?"""
    workers = Worker(), Worker()
    assert [worker.run("import os; result = os.getppid()") for worker in workers] == [1, 1]
    (shared,) = own
    assert shared.alive()
    for worker in workers:
        assert psutil.Process(worker.process.pid).children() == []
        worker.close()


@pytest.mark.parametrize("other", ["a Python", "code"])
def test_what_runs_something_else_does_not_borrow(
    own: list[WarmProcess], monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """Would the jails of a process with another Python, or with other code for them, not be the lender's?"""
    monkeypatch.setattr(os, "getpid", lambda: 0)  # as in a process that this one has started
    assert lending.lender() is not None
    if other == "code":
        monkeypatch.setattr(loader, "sources", lambda modules: {"autograder.jail.inside.agent": "pass"})
    else:
        monkeypatch.setattr(sys, "prefix", "/elsewhere")
    lending._what_runs.cache_clear()
    try:
        assert lending.lender() is None
    finally:
        lending._what_runs.cache_clear()


def test_a_jail_knows_nothing_of_the_lender(own: list[WarmProcess]) -> None:
    """Neither where it listens, nor that there is one, nor the folder in which it does?"""
    address = os.environ[lending.VARIABLE].split(" ", 1)[1]
    worker = Worker()
    places = [address, str(Path(address).parent)]
    assert worker.run(f"import os; result = [os.path.exists(place) for place in {places}]") == [False, False]
    assert worker.run(f"import os; result = {lending.VARIABLE!r} in os.environ") is False
    assert os.stat(Path(address).parent).st_mode & 0o77 == 0
    worker.close()


def test_a_jail_has_the_cores_of_the_process_that_asks(own: list[WarmProcess]) -> None:
    """Also when the warm process may use more?"""
    core = max(os.sched_getaffinity(0))
    pinned, free = Worker([core]), Worker()
    assert pinned.run("import os; result = sorted(os.sched_getaffinity(0))") == [core]
    assert free.run("import os; result = sorted(os.sched_getaffinity(0))") == sorted(os.sched_getaffinity(0))
    for worker in (pinned, free):
        worker.close()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core is all there is")
def test_libraries_prepare_for_the_cores_of_a_jail() -> None:
    """They count when they are imported: does torch start one thread where a jail has one core, and two for two?"""
    counted = []
    for threads in (1, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "sched_getaffinity", lambda process, n=threads: set(range(n)))
            jail = warm.WarmJail(preload=("torch", "msgpack"))
        try:
            with jailed(jail) as kernel:
                counted.append(run(kernel, "import torch\nresult = torch.get_num_threads()", wall_s=60))
        finally:
            jail.close()
    assert counted == [1, 2]


def test_one_that_died_is_replaced_for_all(own: list[WarmProcess]) -> None:
    """Is the next jail of each worker one of the new warm process?"""
    workers = Worker(), Worker()
    for worker in workers:
        worker.run("result = 1")
    (shared,) = own
    old = process_of(shared)
    for process in (*old.children(recursive=True), old):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended with one before it
            process.kill()
    old.wait(10)
    assert [worker.run("result = 2") for worker in workers] == [2, 2]
    assert process_of(shared).pid != old.pid
    for worker in workers:
        worker.close()


def test_the_end_of_a_worker_ends_its_jails_and_no_others(own: list[WarmProcess]) -> None:
    """Also when it is killed in the middle of a cell?"""
    killed, other = Worker(), Worker()
    other.run("result = 1")
    (shared,) = own
    before = len(process_of(shared).children(recursive=True))
    assert killed.process.stdin is not None
    killed.process.stdin.write("import time; time.sleep(60)\n")
    killed.process.stdin.flush()
    _until(lambda: len(process_of(shared).children(recursive=True)) > before)
    killed.process.kill()
    killed.process.communicate()
    _until(lambda: len(process_of(shared).children(recursive=True)) <= before)
    assert other.run("result = 2") == 2
    other.close()


def _until(holds: Any) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_who_borrows_lends_nothing(own: list[WarmProcess]) -> None:
    """Do processes below a worker borrow from the same lender?"""
    address = os.environ[lending.VARIABLE]
    inner = (
        "import os\nfrom autograder.jail import lending, warm\n"
        "with warm.lent_to_children(): print(os.environ[lending.VARIABLE])"
    )
    said = subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == address


def test_without_a_lender_a_process_has_its_own(own: list[WarmProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the process that lends, and where what the environment names is gone?"""
    assert lending.lender() is None
    monkeypatch.setenv(lending.VARIABLE, "1 /tmp/nobody-is-here")
    assert lending.lender() is None
    assert isinstance(warm._warm(Settings(MODULES)), WarmProcess)


def test_a_lender_that_has_gone_is_said(own: list[WarmProcess], tmp_path: Path) -> None:
    """In one line, when a jail is wanted?"""
    address = os.environ[lending.VARIABLE].split(" ", 1)[1]
    borrowed = lending.Borrowed(Settings(MODULES), address)
    Path(address).rename(tmp_path / "gone")
    with pytest.raises(PlatformFault, match="the process that has started the sandbox is gone: "):
        borrowed.warm_up()


def test_why_it_does_not_start_is_said(own: list[WarmProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the process that tried?"""
    address = os.environ[lending.VARIABLE].split(" ", 1)[1]
    monkeypatch.setattr("autograder.jail.bubblewrap.missing", lambda: "nothing works here: mend it")
    with pytest.raises(PlatformFault, match=r"^nothing works here: mend it$"):
        lending.Borrowed(Settings(MODULES), address).warm_up()


def test_settings_survive_the_way() -> None:
    from autograder.environments.interpreter import this_python

    for settings in (Settings(MODULES, threads=3), Settings(("torch",), gpu=True, python=this_python())):
        assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
