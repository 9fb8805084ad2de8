"""Runs a submission: its cells one after another in a kernel, with tests in between, and a replay after a crash.

A cell or a test that hangs, crashes or exhausts its kernel affects only itself. The kernel is replaced, and the
notebook is replayed to that point without the cells that brought the kernel down.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import logging
from pathlib import Path

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from autograder.errors import NotRun, PlatformFault
from autograder.grading.allowance import LEAST, Allowance
from autograder.grading.budget import Watchdog
from autograder.grading.cell_client import CellClient
from autograder.grading.limits import Limit, Limits
from autograder.grading.outputs import OutputRoom, error_output
from autograder.grading.session import Session
from autograder.jail.kernel import Kernel, KernelSource
from autograder.notebook.cells import runs

_log = logging.getLogger(__name__)
MAX_UNANSWERED = 2
"""How many kernels may stop to answer in the tests of one cell. After that the notebook is not replayed for them."""


class NotebookRun:
    """One submission being executed.

    Attributes
    ----------
    notebook
        the notebook; its cells get their outputs as they run
    position
        index of the first cell that has not run
    """

    def __init__(
        self,
        notebook: NotebookNode,
        source: KernelSource,
        files: Path | None,
        limits: Limits,
        allowance: Allowance | None = None,
    ) -> None:
        """``allowance``: the submission's, by default a new one by ``limits``."""
        self.notebook = notebook
        self.position = 0
        self._allowance = allowance or Allowance(limits.submission or LEAST)
        self._source = self._allowance.counted(source)
        self._files = files
        self._limits = limits
        self._kernel: Kernel | None = None
        self._started: Kernel | None = None
        self._client: CellClient | None = None
        self._session: Session | None = None
        self._room = self._new_room()
        self._skip: set[int] = set()
        self._unanswered: collections.Counter[int] = collections.Counter()

    def start_soon(self) -> None:
        """Start the kernel early, before the first cell needs it."""
        with contextlib.suppress(PlatformFault):  # the first cell tries again and reports the error
            self._started = self._source(self._files)

    def run_to(self, index: int, limit: Limit | None = None) -> None:
        """Execute the cells up to and including ``index``. ``limit`` applies to the last of them.

        Raises
        ------
        PlatformFault
            when no kernel can be started.
        """
        if self.position <= index:
            self.end_session()
        while self.position <= index:
            cell = self.notebook.cells[self.position]
            if runs(cell):
                try:
                    self._allowance.require()
                    self._ready()
                    self._execute(cell, self.position, limit if self.position == index and limit else self._limits.cell)
                except NotRun as error:
                    self._skip.add(self.position)
                    _record(cell, "TimeoutError", error.message)
            self.position += 1

    def session(self) -> Session:
        """The session for tests at this position. If the kernel has died, a new one is replayed to here.

        Raises
        ------
        NotRun
            when the submission's allowance is used up, or :data:`MAX_UNANSWERED` kernels did not answer here.
        PlatformFault
            when no kernel can be started.
        """
        self._allowance.require()
        if self._session is not None and self._session.channel.usable:
            return self._session
        self.end_session()
        if self._unanswered[self.position] >= MAX_UNANSWERED:
            raise NotRun(f"in {MAX_UNANSWERED} tests of this task the kernel did not answer, nor stop when it was told")
        self._session = Session(self._ready(), self._allowance)
        return self._session

    @property
    def open_session(self) -> Session | None:
        """The session that tests are using now, if any."""
        return self._session

    def end_session(self) -> None:
        """Give the kernel back to the cells."""
        if self._session is not None:
            self._session.channel.close()
            self._unanswered[self.position] += self._session.channel.unanswered
            self._session = None

    def bring_back(self, folder: Path) -> None:
        """End the kernel and copy the files that it wrote in its working directory into a folder."""
        self.end_session()
        if self._kernel is not None:
            self._kernel.bring_back(folder)

    def close(self) -> None:
        """End the kernel. May be called twice."""
        self.end_session()
        for kernel in (self._kernel, self._started):
            if kernel is not None:
                kernel.kill()
        self._kernel = self._started = self._client = None

    def _ready(self) -> Kernel:
        """A live kernel in which every cell before this position has run, except the skipped ones.

        If a cell brings down the new kernel but not the first one, the next replay skips it. If the kernel dies between
        two cells, the cell before is skipped. Raises NotRun when the allowance does not suffice for a replay.
        """
        while self._kernel is None or not self._kernel.alive():
            kernel, self._started = self._started, None
            self.close()
            kernel = kernel or self._source(self._files)
            self._client = CellClient(self.notebook, kernel)
            self._kernel = kernel
            last = None
            for place, cell in enumerate(self.notebook.cells[: self.position]):
                if runs(cell) and place not in self._skip and self._kernel.alive():
                    self._allowance.require()
                    self._execute(copy.deepcopy(cell), place, self._limits.cell, self._new_room())
                    last = place
            if last is not None and not self._kernel.alive():
                self._skip.add(last)
        return self._kernel

    def _new_room(self) -> OutputRoom:
        return OutputRoom(self._limits.output_bytes, self._limits.notebook_output_bytes)

    def _execute(self, cell: NotebookNode, place: int, limit: Limit, room: OutputRoom | None = None) -> None:
        """Execute a cell; in a replay, whose outputs nobody keeps, with ``room`` of its own for them."""
        assert self._kernel is not None
        assert self._client is not None
        died = ""
        with Watchdog(self._kernel, limit, self._allowance) as watchdog:
            try:
                self._client.run(cell, place, watchdog, room or self._room)
            except DeadKernelError:
                died = "the kernel died in this cell"
                if self._kernel.lost():
                    raise PlatformFault("the warm process died, and the kernel with it") from None
            except Exception as error:
                # messages come from the student's process, but nbclient assumes that they are well-formed
                _log.info("cell %s: %s: %s", place, type(error).__name__, error)
                self._kernel.terminate()
                died = "the kernel sent messages that cannot be read"
        if watchdog.exceeded:
            self._skip.add(place)
            _record(cell, "TimeoutError", f"this cell was stopped after {watchdog.exceeded}")
        elif died:
            self._skip.add(place)
            _record(cell, "KernelDied", died)


def _record(cell: NotebookNode, name: str, text: str) -> None:
    cell.outputs.append(error_output(name, text))
