"""What attackers find: a course with secrets, services of the machine, other students; and one warm process for all."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import nbformat

from autograder.errors import BadInput
from autograder.grading.engine import grade_notebook
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel
from autograder.jail.lending import VARIABLE, Borrowed, lender, lending
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.warm import WarmJail
from autograder.jail.warm_process import Settings
from autograder.notebook.files import staged
from autograder.notebook.rebuild import load_submission
from autograder.reports.junit import junit_xml
from tests.attacks.sources import SECRETS, pattern
from tests.attacks.submissions.base import JAIL, Seen, Submission
from tests.support import tiny
from tests.support.conditions import conditions
from tests.support.jails import SMALL, owned
from tests.support.paths import ROOT

SEED = tiny.CANARY + "-the-seed"
HONEST = sum(tiny.POINTS.values())
WARM = ["numpy", "msgpack"]
PAUSE_S = 0.15
"""Between the neighbour's gradings: less than an attack takes, so that one is always beside it."""


class World:
    """One course on one machine.

    Attributes
    ----------
    jail
        the warm process from which every kernel comes, the attackers' and the others'
    outside
        a folder of the machine's that anybody may write to and no jail has
    port
        where a service of the machine listens
    visits
        how many have connected to a service of the machine
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sprint = tiny.sprint(tiny.write_course(folder / "course"))
        (folder / "course" / "gradebook.db").write_text(f"SQLite format 3 {tiny.CANARY}")
        other = folder / "course" / "submitted" / "other"
        other.mkdir(parents=True)
        (other / "tiny.ipynb").write_text(tiny.CANARY)
        self.outside = folder / "outside"
        self.outside.mkdir()
        self._course = {path: path.read_bytes() for path in (folder / "course").rglob("*") if path.is_file()}
        self.visits = 0
        self._services = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)]
        self._services[1].bind(f"\0attacked-{os.getpid()}")
        self._services[1].listen()
        self.port = self._services[0].getsockname()[1]
        self._count = itertools.count()
        self._open = True
        self._doorkeeper = threading.Thread(target=self._welcome, daemon=True)
        self._doorkeeper.start()
        self.jail = WarmJail(SMALL, preload=WARM, ahead=1)
        self.jail.warm_up()

    def _welcome(self) -> None:
        while self._open:
            for service in select.select(self._services, [], [], 0.05)[0]:
                service.accept()[0].close()
                self.visits += 1

    def restore(self) -> None:
        """Put right what an attack did that got through: it is graded with the hidden tests as they are now."""
        for path, content in self._course.items():
            path.write_bytes(content)
        for path in self.outside.iterdir():
            path.unlink()

    def close(self) -> None:
        """End everything."""
        self.jail.close()
        self._open = False
        self._doorkeeper.join()
        for service in self._services:
            service.close()

    def known(self) -> dict[str, object]:
        """What attackers know: where things lie. What they look for is written so that it does not match itself."""
        hidden = sorted(str(path) for path in (self.folder / "course").rglob("*") if path.is_file())
        return {
            "hidden": hidden,
            "graders": str(self.sprint.graders / "test_double.py"),
            "project": str(ROOT),
            "outside": str(self.outside),
            "port": self.port,
            "abstract": f"\0attacked-{os.getpid()}",
            "secrets": [pattern(secret) for secret in [*SECRETS, SEED.encode()]],
            "python": sys.prefix,
        }

    def grade(self, submission: Submission, off: Collection[str] = ()) -> Seen:
        """Grade a submission as `autograder grade --sandbox required` does, with protections of the jail left out."""

        def kernels(files: Path | None) -> Kernel:
            return ordinary_kernel(files) if JAIL in off else jailed_kernel(files, self.jail, set(off) - {JAIL})

        folder = self.folder / f"handed-in-{next(self._count)}"
        folder.mkdir()
        path = submission.write(folder, self)
        graded, refused = None, ""
        started = time.monotonic()
        try:
            notebook = load_submission(path, self.sprint)
            with staged(folder, self.sprint.release.parent) as files:
                under = conditions(kernels, seed=SEED, limits=submission.limits)
                graded = grade_notebook(notebook, self.sprint, under, files=files)
            (folder / "junit.xml").write_text(junit_xml(graded.results))
        except BadInput as error:
            refused = str(error)
        self.jail.settle()  # jails end in the background
        seen = Seen(submission, graded, refused, time.monotonic() - started, self, folder)
        if submission.then:
            return self.grade(submission.follower(), off)
        return seen


def grade_honest(path: Path, jail: WarmJail, course: Path) -> float:
    """The score of a notebook in which everything is right."""
    sprint = tiny.sprint(course)
    nbformat.write(tiny.submission(*tiny.ANSWERS), path)
    under = conditions(lambda files: jailed_kernel(files, jail), seed=SEED)
    return grade_notebook(load_submission(path, sprint), sprint, under).results.score


@dataclass(frozen=True)
class Grading:
    """One grading of the honest submission: when, by :func:`time.monotonic`, and its score or the text of an error."""

    start: float
    end: float
    score: object


class Neighbour:
    """A process that grades an honest submission over and over, in jails of the same warm process, until it is closed.

    Whatever is graded meanwhile has one beside it and, since it goes on, one after it.
    """

    def __init__(self, world: World) -> None:
        self._journal = world.folder / "neighbour"
        self._lending = contextlib.ExitStack()
        self._lending.enter_context(patch.dict(os.environ))
        os.environ.pop(VARIABLE, None)  # this world's warm process is lent, not the one that all tests share
        self._lending.enter_context(lending(lambda settings: owned(world.jail)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.world", str(world.folder)],
            stdin=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        while not self.gradings():
            assert self._process.poll() is None
            time.sleep(0.05)
        assert self.gradings()[0].score == HONEST, self.gradings()[0].score

    def gradings(self) -> list[Grading]:
        """Those that have ended so far."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [Grading(**json.loads(line)) for line in lines]

    def close(self) -> list[Grading]:
        """End it after one more grading; all there were."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            assert self._process.wait(60) == 0
        finally:
            self._process.kill()
            self._process.wait()
            self._lending.close()
        return self.gradings()


def _neighbour(folder: str) -> None:
    address = lender()
    assert address is not None
    jail = WarmJail(SMALL, ahead=1, warm=Borrowed(Settings(tuple(WARM)), address))
    told = False
    with contextlib.closing(jail), open(Path(folder, "neighbour"), "a") as journal:
        while not told:
            told = bool(select.select([0], [], [], PAUSE_S)[0])  # and then once more
            start = time.monotonic()
            try:
                score: object = grade_honest(Path(folder, "neighbour.ipynb"), jail, Path(folder, "course"))
            except Exception as error:
                score = f"{type(error).__name__}: {error}"
            # one write a line, so that a reader finds whole lines
            journal.write(json.dumps(asdict(Grading(start, time.monotonic(), score))) + "\n")
            journal.flush()


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    """A world, and the seed of its course in the environment of every grader, until it ends."""
    before = os.environ.get("AUTOGRADER_SEED")
    os.environ["AUTOGRADER_SEED"] = SEED
    try:
        with contextlib.closing(World(folder)) as world:
            yield world
    finally:
        del os.environ["AUTOGRADER_SEED"]
        if before is not None:
            os.environ["AUTOGRADER_SEED"] = before


if __name__ == "__main__":
    _neighbour(*sys.argv[1:])
