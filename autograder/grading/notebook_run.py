"""Runs a submission: its cells one after another in a kernel, with tests in between, and a replay after a crash.

A cell or a test that hangs, crashes or exhausts its kernel affects only itself. The kernel is replaced, and the
notebook is replayed to that point without the cells that brought the kernel down.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import copy
import logging
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.environments import hide_paths_in_output
from autograder.errors import NotRun, PlatformFault
from autograder.grading.allowance import LEAST, Allowance
from autograder.grading.budget import POLL_S, Watchdog
from autograder.grading.handles import Session
from autograder.grading.limits import Limit, Limits
from autograder.jail.kernel import Kernel, KernelSource
from autograder.notebook.cells import runs

_log = logging.getLogger(__name__)
MAX_UNANSWERED = 2
"""How many kernels may stop to answer in the tests of one cell. After that the notebook is not replayed for them."""
OWED_S = 5
"""Wall-clock seconds a kernel that says it is idle may still owe the reply to the cell it ran."""
_OUTPUT_MESSAGES = {"stream", "display_data", "execute_result", "error", "update_display_data"}
_LATE_MESSAGES = {"stream", "display_data"}
_WIDGET_MESSAGES = {"comm_open", "comm_msg", "comm_close"}


class _CellClient(NotebookClient):  # type: ignore[misc]
    """nbclient for a kernel of ours: errors are recorded, tags have no effect, output is limited.

    Output that comes after its cell has ended, such as that of an asyncio task, is put into that cell; nbclient drops
    it.
    """

    def __init__(self, notebook: NotebookNode, kernel: Kernel, output_bytes: int) -> None:
        super().__init__(
            notebook,
            km=kernel.manager,
            allow_errors=True,
            timeout=None,
            raise_on_iopub_timeout=False,
            skip_cells_with_tag="\x00",
            coalesce_streams=True,
            log=_log,
        )
        self.kc = kernel.client
        self._home = kernel.folder
        self._output_bytes = output_bytes
        self._terminate = kernel.terminate
        self._owed: asyncio.TimerHandle | None = None
        self._rooms: dict[int, int] = {}
        self._asked: dict[str, tuple[NotebookNode, int]] = {}

    def run(self, cell: NotebookNode, index: int, watchdog: Watchdog) -> None:
        """Execute one cell and store its outputs in it. If it runs longer than :data:`POLL_S`, the watchdog starts."""
        self._rooms[index] = self._output_bytes
        run_sync(self._run)(cell, index, watchdog)

    async def _run(self, cell: NotebookNode, index: int, watchdog: Watchdog) -> None:
        soon = asyncio.get_running_loop().call_later(POLL_S, watchdog.start)
        try:
            await self.async_execute_cell(cell, index)
        finally:
            soon.cancel()
            if self._owed is not None:
                self._owed.cancel()
                self._owed = None

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """As nbclient, whose method this is, but not only for messages of this cell: late ones go to their own."""
        self._asked[parent_msg_id] = cell, cell_index
        while True:
            msg = await self.kc.iopub_channel.get_msg(timeout=None)
            origin = msg["parent_header"].get("msg_id")
            try:
                if origin == parent_msg_id:
                    self.process_message(msg, cell, cell_index)
                elif msg["msg_type"] in _LATE_MESSAGES and origin in self._asked:
                    self.process_message(msg, *self._asked[origin])
            except CellExecutionComplete:
                return

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """As nbclient, up to the cell's output limit. Widgets are ignored, because nbclient would store their state."""
        if msg["msg_type"] in _WIDGET_MESSAGES:
            return None
        if msg["msg_type"] == "status" and msg["content"].get("execution_state") == "idle" and self._owed is None:
            self._owed = asyncio.get_running_loop().call_later(OWED_S, self._terminate)
        if msg["msg_type"] in _OUTPUT_MESSAGES:
            hide_paths_in_output(msg["content"], self._home)
            had_room = self._rooms[cell_index] > 0
            self._rooms[cell_index] -= len(str(msg["content"]))
            if self._rooms[cell_index] <= 0:
                if had_room:
                    text = f"[the rest of the output was left out: a cell may write {self._output_bytes} bytes]\n"
                    cell.outputs.append(new_output("stream", name="stderr", text=text))
                return None
        return super().process_message(msg, cell, cell_index)


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
        self._client: _CellClient | None = None
        self._session: Session | None = None
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
        two cells, the cell before is skipped. Raises NotRun when the submission's allowance is used up.
        """
        self._allowance.require()
        while self._kernel is None or not self._kernel.alive():
            kernel, self._started = self._started, None
            self.close()
            kernel = kernel or self._source(self._files)
            self._client = _CellClient(self.notebook, kernel, self._limits.output_bytes)
            self._kernel = kernel
            last = None
            for place, cell in enumerate(self.notebook.cells[: self.position]):
                if runs(cell) and place not in self._skip and self._kernel.alive():
                    self._allowance.require()
                    self._execute(copy.deepcopy(cell), place, self._limits.cell)
                    last = place
            if last is not None and not self._kernel.alive():
                self._skip.add(last)
        return self._kernel

    def _execute(self, cell: NotebookNode, place: int, limit: Limit) -> None:
        assert self._kernel is not None
        assert self._client is not None
        died = ""
        with Watchdog(self._kernel, limit, self._allowance) as watchdog:
            try:
                self._client.run(cell, place, watchdog)
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
    cell.outputs.append(new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))
