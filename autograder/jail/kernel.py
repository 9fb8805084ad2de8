"""The interface of a student's kernel: one Jupyter kernel process with the agent in it.

There are two kinds: :mod:`~autograder.jail.ordinary_kernel`, without a sandbox, and
:mod:`~autograder.jail.jailed_kernel`.
"""

from __future__ import annotations

import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

STARTUP_S = 60
"""Wall-clock seconds a kernel may take to start and to install the agent."""


class Kernel(ABC):
    """A running kernel process and the socket to its agent.

    Attributes
    ----------
    manager
        the `jupyter_client` kernel manager, for nbclient
    stream
        the socket on which the agent answers; None after the end
    folder
        its private folder, as the notebook sees it; the path would mean nothing to a student
    """

    def __init__(self, manager: AsyncKernelManager, folder: str) -> None:
        self.manager = manager
        self.stream: socket.socket | None = None
        self.folder = folder
        self._client: Any = None
        self._ended = False

    @property
    def client(self) -> Any:
        """A started asynchronous kernel client; None before the start and after the end."""
        return self._client

    def serve(self) -> None:
        """Ask the kernel to serve the agent's socket once it has finished its current work."""
        message = self.client.session.msg("autograder_serve", {})
        self.client.shell_channel.send(message)

    def reconnect(self) -> None:
        """Replace the client, after the connection on which the kernel publishes its output was dropped."""
        self._client.stop_channels()
        run_sync(self._connect)()

    def interrupt(self) -> None:
        """Send SIGINT to the kernel and, if possible, its process group. May be called from any thread."""
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """Send SIGKILL to the same processes; :meth:`kill` must still clean up."""
        self._signal(signal.SIGKILL)
        self._ended = True  # at once: the process may still look alive for a moment

    def kill(self) -> None:
        """End the process, close its sockets and remove its private folder. May be called twice."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        run_sync(self._kill)()

    async def _kill(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None
        await self._end()
        await self.manager._async_cleanup_resources()

    @abstractmethod
    async def _connect(self) -> None:
        """Make a client and start its channels."""

    @abstractmethod
    def cpu_seconds(self) -> float:
        """CPU time of the kernel and the processes it started, in seconds."""

    @abstractmethod
    def queued_seconds(self) -> float:
        """How long its main thread has waited for a processor so far, in seconds: the machine's load, not its doing."""

    @abstractmethod
    def alive(self) -> bool:
        """Whether the process is running and has not been ended from here."""

    @abstractmethod
    def lost(self) -> bool:
        """Whether it ended because of a fault of the platform."""

    @abstractmethod
    def bring_back(self, target: Path) -> None:
        """End the kernel and copy the files that the notebook wrote into a folder, up to a limit."""

    @abstractmethod
    def _signal(self, number: signal.Signals) -> None:
        """Signal the kernel and the processes it started. Does nothing if they have ended."""

    @abstractmethod
    async def _end(self) -> None:
        """End the process and release its resources."""


KernelSource = Callable[[Path | None], Kernel]
"""Starts a kernel, with copies of the files in the given folder, if any, in its working directory."""
