"""Executes single cells: nbclient, for a kernel whose messages are not trusted."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.environments import hide_paths_in_output
from autograder.grading.budget import POLL_S, Watchdog
from autograder.grading.outputs import (
    MESSAGES,
    WIDGETS,
    OutputRoom,
    check,
    merged,
    places_of,
    with_a_count,
    without_structure,
)
from autograder.jail.kernel import Kernel

_log = logging.getLogger(__name__)
OWED_S = 5
"""Wall-clock seconds a kernel that says it is idle may still owe the reply to the cell it ran."""
_LATE_MESSAGES = {"stream", "display_data"}


class CellClient(NotebookClient):  # type: ignore[misc]
    """nbclient for a kernel of ours: errors are recorded, tags have no effect, output is checked and bounded.

    Output that comes after its cell has ended, such as that of an asyncio task, is put into that cell; nbclient drops
    it.
    """

    def __init__(self, notebook: NotebookNode, kernel: Kernel) -> None:
        super().__init__(
            notebook,
            km=kernel.manager,
            allow_errors=True,
            timeout=None,
            raise_on_iopub_timeout=False,
            skip_cells_with_tag="\x00",
            coalesce_streams=False,  # nbclient's way takes quadratic time for a long line
            log=_log,
        )
        self.kc = kernel.client
        self._home = kernel.folder
        self._kernel = kernel
        self._cut_off = False
        self._owed: asyncio.TimerHandle | None = None
        self._room = OutputRoom(0, 0)
        self._asked: dict[str, tuple[NotebookNode, int, OutputRoom]] = {}
        self._touched: dict[int, NotebookNode] = {}

    def run(self, cell: NotebookNode, index: int, watchdog: Watchdog, room: OutputRoom) -> None:
        """Execute one cell and store its outputs in it. If it runs longer than :data:`POLL_S`, the watchdog starts."""
        self._room = room
        room.begin(index)
        run_sync(self._run)(cell, index, watchdog)
        if self._cut_off and self._kernel.alive():
            self._cut_off = False
            self._kernel.reconnect()
            self.kc = self._kernel.client
            room.close(cell, index)

    async def _run(self, cell: NotebookNode, index: int, watchdog: Watchdog) -> None:
        soon = asyncio.get_running_loop().call_later(POLL_S, watchdog.start)
        try:
            await self.async_execute_cell(cell, index)
        finally:
            soon.cancel()
            if self._owed is not None:
                self._owed.cancel()
                self._owed = None
            for touched in self._touched.values():
                touched.outputs = merged(touched.outputs)
            self._touched.clear()

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """As nbclient, whose method this is, but not only for messages of this cell: late ones go to their own."""
        self._asked[parent_msg_id] = cell, cell_index, self._room
        while True:
            try:
                msg = await self.kc.iopub_channel.get_msg(timeout=None)
            except asyncio.CancelledError:
                self._cut_off = True  # the reply came, but not all messages before it
                raise
            origin = msg["parent_header"].get("msg_id")
            if origin == parent_msg_id and self._is_idle(msg):
                return
            if origin == parent_msg_id or (msg["msg_type"] in _LATE_MESSAGES and origin in self._asked):
                self._accept(msg, *self._asked[origin])

    def _is_idle(self, msg: dict[str, Any]) -> bool:
        """Whether the kernel says that it has executed the cell. From then on it owes its reply."""
        idle = bool(msg["msg_type"] == "status" and msg["content"].get("execution_state") == "idle")
        if idle and self._owed is None:
            self._owed = asyncio.get_running_loop().call_later(OWED_S, self._kernel.terminate)
        return idle

    def _accept(self, msg: dict[str, Any], cell: NotebookNode, index: int, room: OutputRoom) -> None:
        """Process a message as nbclient does, if there is room for it. Widgets are ignored: their state would be kept.

        Raises
        ------
        ValueError
            when an output is malformed.
        """
        kind, content = msg["msg_type"], msg["content"]
        if kind in WIDGETS:
            return
        with_a_count(content)
        if kind in MESSAGES:
            self._touched[id(cell)] = cell
            size = msg["size"] * places_of(self._display_id_map, kind, content)
            if not room.take(cell, index, size, stream=kind == "stream"):
                return
            check(kind, content)
            without_structure(content)
            hide_paths_in_output(content, self._home)
        self.process_message(msg, cell, index)
