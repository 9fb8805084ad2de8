"""Running a submission: cells one after another in a kernel, with tests in between, and again after a crash.

A cell or a test that hangs, crashes or exhausts its kernel costs only itself: the kernel is replaced, and the notebook
is replayed to that point without the cells that brought the kernel down.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import logging
import time
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.environments import hide_pythons
from autograder.errors import PlatformFault
from autograder.grading.handles import Session
from autograder.grading.limits import POLL_S, Limit, Limits, Watchdog
from autograder.jail.kernel import Kernel, KernelSource
from autograder.notebook.cells import runs

_log = logging.getLogger(__name__)
_OUTPUT_MESSAGES = {"stream", "display_data", "execute_result", "error", "update_display_data"}
_WIDGET_MESSAGES = {"comm_open", "comm_msg", "comm_close"}


class _CellClient(NotebookClient):  # type: ignore[misc]
    """nbclient on a kernel of ours: errors are recorded, tags change nothing, output is bounded."""

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
        self._room = output_bytes

    def run(self, cell: NotebookNode, index: int, watchdog: Watchdog) -> None:
        """Execute one cell, watched when it takes longer than a moment; its outputs are put into it."""
        self._room = self._output_bytes
        run_sync(self._run)(cell, index, watchdog)

    async def _run(self, cell: NotebookNode, index: int, watchdog: Watchdog) -> None:
        soon = asyncio.get_running_loop().call_later(POLL_S, watchdog.start)
        try:
            await self.async_execute_cell(cell, index)
        finally:
            soon.cancel()

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """nbclient's, until the cell has written all it may. Widgets, whose state nbclient would collect, are none."""
        if msg["msg_type"] in _WIDGET_MESSAGES:
            return None
        if msg["msg_type"] in _OUTPUT_MESSAGES:
            _hide_paths(msg["content"], self._home)
            had_room = self._room > 0
            self._room -= len(str(msg["content"]))
            if self._room <= 0:
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
        the notebook, whose cells get their outputs as they run
    position
        index of the first cell that has not run
    """

    def __init__(self, notebook: NotebookNode, source: KernelSource, files: Path | None, limits: Limits) -> None:
        self.notebook = notebook
        self.position = 0
        self._source = source
        self._files = files
        self._limits = limits
        self._kernel: Kernel | None = None
        self._started: Kernel | None = None
        self._client: _CellClient | None = None
        self._session: Session | None = None
        self._skip: set[int] = set()
        self._spent_cpu_s = self._spent_wall_s = 0.0

    def start_soon(self) -> None:
        """Start the kernel, for which the first cell will wait."""
        with contextlib.suppress(PlatformFault):  # the first cell asks again, and says what is the matter
            self._started = self._source(self._files)

    def run_to(self, index: int, limit: Limit | None = None) -> None:
        """Execute the cells up to and including ``index``, the last of them within ``limit``.

        Raises
        ------
        PlatformFault
            when no kernel can be had.
        """
        if self.position <= index:
            self.end_session()
        while self.position <= index:
            cell = self.notebook.cells[self.position]
            if runs(cell):
                self._ready()
                if self._spent():
                    self._skip.add(self.position)
                    _record(cell, "TimeoutError", "not run: the cells before it took all the time a notebook may take")
                else:
                    self._execute(cell, self.position, limit if self.position == index and limit else self._limits.cell)
            self.position += 1

    def _spent(self) -> bool:
        """Whether the cells have used up what the whole notebook may take; replays count too."""
        limit = self._limits.notebook
        return self._spent_cpu_s > limit.cpu_s or self._spent_wall_s > limit.wall_s

    def session(self) -> Session:
        """The session for tests at this position; opened on a living kernel, replayed to here if need be.

        Raises
        ------
        PlatformFault
            when no kernel can be had.
        """
        if self._session is not None and self._session.channel.usable:
            return self._session
        self.end_session()
        self._session = Session(self._ready())
        return self._session

    @property
    def open_session(self) -> Session | None:
        """The session that tests use now, if any."""
        return self._session

    def end_session(self) -> None:
        """Give the kernel back to the cells."""
        if self._session is not None:
            self._session.channel.close()
            self._session = None

    def bring_back(self, folder: Path) -> None:
        """End the kernel; the files it wrote into its working directory come into a folder."""
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
        """A living kernel in which every cell before this position has run.

        A cell that brings the new kernel down, though it did not the first, is left out of the next replay; if the
        kernel goes down between two cells, that is the one before.
        """
        while self._kernel is None or not self._kernel.alive():
            kernel, self._started = self._started, None
            self.close()
            kernel = kernel or self._source(self._files)
            self._client = _CellClient(self.notebook, kernel, self._limits.output_bytes)
            self._kernel = kernel
            last = None
            for place, cell in enumerate(self.notebook.cells[: self.position]):
                if runs(cell) and place not in self._skip and self._kernel.alive():
                    self._execute(copy.deepcopy(cell), place, self._limits.cell)
                    last = place
            if last is not None and not self._kernel.alive():
                self._skip.add(last)
        return self._kernel

    def _execute(self, cell: NotebookNode, place: int, limit: Limit) -> None:
        assert self._kernel is not None
        assert self._client is not None
        died = ""
        cpu, wall = self._kernel.cpu_seconds(), time.monotonic()
        with Watchdog(self._kernel, limit) as watchdog:
            try:
                self._client.run(cell, place, watchdog)
            except DeadKernelError:
                died = "the kernel died in this cell"
                if self._kernel.lost():
                    raise PlatformFault("the warm process died, and the kernel with it") from None
            except Exception as error:
                # messages come from the student's process, and nbclient takes their form for granted
                _log.info("cell %s: %s: %s", place, type(error).__name__, error)
                self._kernel.terminate()
                died = "the kernel sent messages that cannot be read"
        self._spent_cpu_s += max(0.0, self._kernel.cpu_seconds() - cpu)
        self._spent_wall_s += time.monotonic() - wall
        if watchdog.exceeded:
            self._skip.add(place)
            _record(cell, "TimeoutError", f"this cell was stopped after {watchdog.exceeded}")
        elif died:
            self._skip.add(place)
            _record(cell, "KernelDied", died)


def _hide_paths(content: dict[str, Any], home: str) -> None:
    """Replace the grading machine's folders in what a cell says: a traceback through a library names them."""
    for key in ("text", "evalue", "traceback"):
        said = content.get(key)
        if isinstance(said, str):
            content[key] = hide_pythons(said.replace(home, "~"))
        elif isinstance(said, list):
            content[key] = [hide_pythons(line.replace(home, "~")) for line in said if isinstance(line, str)]


def _record(cell: NotebookNode, name: str, text: str) -> None:
    cell.outputs.append(new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))
