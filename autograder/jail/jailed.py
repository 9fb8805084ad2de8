"""Jailed kernels for grading, and which kernels a policy means."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from queue import Empty
from typing import Any, Literal, get_args

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from autograder.errors import BadInput, PlatformFault
from autograder.jail import inmate, sandbox, warm
from autograder.jail.confined import Confined
from autograder.jail.kernel import STARTUP_S, Kernel, KernelSource, ordinary_kernel
from autograder.jail.provisioner import JailProvisioner
from autograder.jail.room import Room

Policy = Literal["required", "preferred", "off"]
HELLO_S = 0.5
"""Seconds until a kernel is asked again whether it is there."""


class JailedKernel(Kernel):
    """A kernel in a jail of its own; `grading` sees no difference."""

    def __init__(self, jail: warm.WarmJail, files: Path | None, off: Collection[str] = ()) -> None:
        manager = AsyncKernelManager(kernel_name="python3")
        provisioner = JailProvisioner(kernel_spec=manager.kernel_spec, parent=manager)
        provisioner.jail, provisioner.off, provisioner.agent, provisioner.files = jail, off, True, files
        manager.provisioner = self._provisioner = provisioner
        self._jail = jail
        self._room: Room | None = None
        self._confined: Confined | None = None
        super().__init__(manager, inmate.HOME)

    def launch(self) -> None:
        """Take a kernel, and wait until it answers and the agent is connected.

        Raises
        ------
        PlatformFault
            when it does not within :data:`STARTUP_S`.
        """
        try:
            run_sync(self._launch)()
        except PlatformFault:
            self.kill()
            raise
        except (TimeoutError, RuntimeError, OSError) as error:
            self.kill()
            raise PlatformFault(f"a jailed kernel did not start: {error}") from error

    async def _launch(self) -> None:
        try:
            await self.manager.start_kernel()
        finally:
            self._room, self._confined = self._provisioner.room, self._provisioner.process
            self.stream = self._provisioner.stream
        self.client = self.manager.client()
        self.client.start_channels(stdin=False, hb=False)
        self.client.allow_stdin = False
        await _hello(self.client, self.alive)

    @property
    def written(self) -> Path:
        """The folder with the files the notebook wrote, once it has ended and until :meth:`kill`."""
        assert self._room is not None
        return self._room.folder / "out"

    def cpu_seconds(self) -> float:
        """CPU time of the jail, processes that run in the background included, in seconds."""
        return self._confined.cpu_seconds() if self._confined else 0.0

    def alive(self) -> bool:
        """Whether the kernel runs and nobody has ended it."""
        return not self._ended and self._confined is not None and self._confined.alive()

    def _signal(self, number: signal.Signals) -> None:
        if self._confined is not None:
            self._confined.signal(number)

    def finish(self) -> dict[str, Any]:
        """End the jail: nothing of it runs any more, and what the notebook wrote is in :attr:`written`."""
        self._ended = True
        return self._confined.finish() if self._confined else {}

    async def _end(self) -> None:
        """Give the jail back; its end, which takes a while, is seen in the background."""
        self._ended = True
        self._provisioner.room = self._provisioner.process = None
        if self._room is not None and self._confined is not None:
            self._jail.give_back(self._room, self._confined)
        self._room = None


async def _hello(client: Any, alive: Callable[[], bool]) -> None:
    """Wait until the kernel answers, and until what it publishes arrives: a subscription takes a moment.

    `wait_for_ready` would wait a fifth of a second longer, to see that nothing more comes.
    """
    end = time.monotonic() + STARTUP_S
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


def jailed_kernel(files: Path | None, jail: warm.WarmJail | None = None, off: Collection[str] = ()) -> JailedKernel:
    """Start a kernel in a jail; ``files`` as in :func:`autograder.jail.kernel.ordinary_kernel`.

    Raises
    ------
    PlatformFault
        when it does not start.
    """
    kernel = JailedKernel(jail or warm.shared(), files, off)
    kernel.launch()
    return kernel


def kernels_for(policy: str, say: Callable[[str], None] = lambda line: print(line, file=sys.stderr)) -> KernelSource:
    """The kernels a policy means. ``preferred`` and ``off`` say what that is, in one line.

    Raises
    ------
    PlatformFault
        when the sandbox is required and cannot be had.
    """
    if policy not in get_args(Policy):
        raise BadInput(f"unknown sandbox policy '{policy}': it is one of {', '.join(get_args(Policy))}")
    if policy == "off":
        say("sandbox: off, the notebook can read what you can read")
        return ordinary_kernel
    lacking = sandbox.missing()
    if lacking is None:
        if policy == "preferred":
            say("sandbox: on")
        return jailed_kernel
    if policy == "required":
        raise PlatformFault(f"the sandbox is required and cannot be had: {lacking}")
    say(f"sandbox: none, the notebook can read what you can read; {lacking}")
    return ordinary_kernel
