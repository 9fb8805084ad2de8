"""Jailed kernels for grading."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from autograder.errors import PlatformFault
from autograder.jail import warm
from autograder.jail.inside import kernel_process
from autograder.jail.jail import Confined
from autograder.jail.kernel import STARTUP_S, Kernel
from autograder.jail.messages import bounded_client
from autograder.jail.provisioner import JailProvisioner
from autograder.jail.room import Room
from autograder.notebook.files import merge_files

HELLO_S = 0.5
"""Seconds to wait for an answer before a kernel is asked again."""
RECONNECT_S = 10
"""Wall-clock seconds a kernel may take to answer a new client. Student code has run in it by then, and may be mute."""


class JailedKernel(Kernel):
    """A kernel in its own jail; for `grading` it behaves like any other kernel."""

    def __init__(
        self,
        jail: warm.WarmJail,
        files: Path | None,
        off: Collection[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        manager = AsyncKernelManager(kernel_name="python3")
        provisioner = JailProvisioner(kernel_spec=manager.kernel_spec, parent=manager)
        provisioner.jail, provisioner.off, provisioner.agent, provisioner.files = jail, off, True, files
        provisioner.variables = variables or {}
        manager.provisioner = self._provisioner = provisioner
        self._jail = jail
        self._room: Room | None = None
        self._confined: Confined | None = None
        self._answered = False
        self._hello_s = STARTUP_S
        super().__init__(manager, kernel_process.HOME)

    def launch(self) -> None:
        """Get a kernel and wait until its agent has connected. The wait for the client comes later, in :attr:`client`.

        Raises
        ------
        PlatformFault
            when it has not connected within :data:`STARTUP_S`.
        """
        self._within_startup(self._launch)

    @property
    def client(self) -> Any:
        """A kernel client whose channels are connected at both ends.

        Raises
        ------
        PlatformFault
            when they are not connected within :data:`STARTUP_S`, or :data:`RECONNECT_S` after :meth:`reconnect`; the
            kernel has then been ended.
        """
        if self._client is not None and not self._answered:
            self._within_startup(self._hello)
            self._answered = True
        return self._client

    def reconnect(self) -> None:
        """Replace the client."""
        self._hello_s = RECONNECT_S
        super().reconnect()

    def _within_startup(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            run_sync(step)()
        except PlatformFault:
            self.kill()
            raise
        except (TimeoutError, RuntimeError, OSError, ValueError) as error:
            self.kill()
            raise PlatformFault(f"a jailed kernel did not start: {error}") from error

    async def _launch(self) -> None:
        try:
            await self.manager.start_kernel()
        finally:
            self._room, self._confined = self._provisioner.room, self._provisioner.process
            self.stream = self._provisioner.stream
        await self._connect()

    async def _connect(self) -> None:
        self._answered = False
        self._client = bounded_client(self.manager)
        self._client.start_channels(stdin=False, hb=False)
        self._client.allow_stdin = False

    async def _hello(self) -> None:
        await _hello(self._client, self.alive, self._hello_s)

    def bring_back(self, target: Path) -> None:
        """End the jail and copy the files that the notebook wrote into a folder."""
        self.end()
        if self._room is not None:
            merge_files(self._room.folder / "out", target)

    def cpu_seconds(self) -> float:
        """CPU time of the jail in seconds, including background processes."""
        return self._confined.cpu_seconds() if self._confined else 0.0

    def queued_seconds(self) -> float:
        """How long its main thread has waited for a processor so far, in seconds."""
        return self._confined.queued_seconds() if self._confined else 0.0

    def alive(self) -> bool:
        """Whether the kernel is running and has not been ended from here."""
        return not self._ended and self._confined is not None and self._confined.alive()

    def lost(self) -> bool:
        """Whether the kernel died because the warm process died."""
        return not self._ended and self._confined is not None and self._jail.has_lost(self._confined)

    def _signal(self, number: signal.Signals) -> None:
        if self._confined is not None:
            self._confined.signal(number)

    def end(self) -> dict[str, Any]:
        """End the jail and copy its files back. Return why it ended, and which files were left out."""
        self._ended = True
        return self._confined.end() if self._confined else {}

    async def _end(self) -> None:
        """Give the jail back. It takes a while to end, so this happens in the background."""
        self._ended = True
        self._provisioner.room = self._provisioner.process = None
        if self._room is not None and self._confined is not None:
            self._jail.give_back(self._room, self._confined)
        self._room = None


async def _hello(client: Any, alive: Callable[[], bool], seconds: float) -> None:
    """Wait until the kernel answers and the messages it publishes arrive, which a new subscription delays a little.

    `wait_for_ready` would take a fifth of a second longer, because it waits to see that no more messages come.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not alive():
            raise RuntimeError("it ended")
        asked = client.kernel_info()
        with contextlib.suppress(Empty):
            while (await client.shell_channel.get_msg(timeout=HELLO_S))["parent_header"].get("msg_id") != asked:
                pass
            while True:
                said = await client.iopub_channel.get_msg(timeout=HELLO_S)
                if said["parent_header"].get("msg_id") == asked and said["content"].get("execution_state") == "idle":
                    return
    raise TimeoutError("it did not answer")


def jailed_kernel(
    files: Path | None,
    jail: warm.WarmJail | None = None,
    off: Collection[str] = (),
    variables: Mapping[str, str] | None = None,
) -> JailedKernel:
    """Start a kernel in a jail. For ``files`` see :func:`autograder.jail.ordinary_kernel.ordinary_kernel`.

    ``variables``: environment variables to set in it.

    Raises
    ------
    PlatformFault
        when it does not start.
    """
    kernel = JailedKernel(jail or warm.shared(), files, off, variables)
    kernel.launch()
    return kernel
