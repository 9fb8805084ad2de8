"""A Jupyter kernel provisioner that forks each kernel from the warm process into its own jail.

This package's kernelspec ``autograder-jail`` names it under ``metadata.kernel_provisioner.provisioner_name``. If
``JUPYTER_DEFAULT_PROVISIONER_NAME=autograder-jail`` is set, it also starts the kernels of all specs that name no
provisioner. Then nbclient, nbgrader and everything else that starts kernels with `jupyter_client` get jailed kernels,
over ipc sockets.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase

from autograder.jail import warm
from autograder.jail.inside import init
from autograder.jail.jail import Confined
from autograder.jail.kernel import STARTUP_S
from autograder.jail.preload import default_preload
from autograder.jail.room import Room
from autograder.notebook.files import merge_files, stage_files

POLL_S = 0.002
KILL_POLLS = 1000
PASSED_ON = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")
"""The client's environment variables that a kernel gets. From these a notebook can tell why nbgrader runs it."""


class JailProvisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Starts, signals and ends one jailed kernel.

    Attributes
    ----------
    jail
        the warm jail that forks the kernel, by default this process's shared one
    files
        the folder that the kernel gets a copy of; by default, if :attr:`agent` is off, the working directory without
        notebooks, links and hidden folders
    agent
        whether the agent connects to this process; :attr:`stream` is then the socket to it
    variables
        more environment variables for a kernel with the agent; other kernels get those in :data:`PASSED_ON`
    off
        protections to switch off, for tests
    room, process
        the kernel's room and its process, once it has been launched
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.jail: warm.WarmJail | None = None
        self.files: Path | None = None
        self.agent = False
        self.variables: Mapping[str, str] = {}
        self.off: Collection[str] = ()
        self.room: Room | None = None
        self.process: Confined | None = None
        self.stream: socket.socket | None = None
        self._back: Path | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel process."""
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take a waiting kernel; after a restart, fork one that has the same addresses."""
        self.jail = self.jail or warm.shared(default_preload())
        if self.room is None:
            self.room, self.process = await asyncio.to_thread(self.jail.take, self.off)
        else:
            self.room.renew()
            self.process = await asyncio.to_thread(self.jail.fork, self.room, self.off)
        for name in ("extra_arguments", "transport_encryption"):
            kwargs.pop(name, None)
        return await super().pre_launch(cmd=[], **kwargs)  # type: ignore[no-any-return]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Copy the files in, let the kernel continue, and return how to reach it."""
        assert self.room is not None
        assert self.process is not None
        folder = self.room.folder
        if self.files is not None:
            shutil.copytree(self.files, folder / "files", dirs_exist_ok=True)
        elif not self.agent:
            self._back = Path(kwargs.get("cwd") or os.getcwd())
            stage_files(None, self._back, folder / "files")
        if self.agent:
            self.stream = self._admit_with_agent(self.process, folder / "sockets" / "agent")
        else:
            given = kwargs.get("env") or {}
            self.process.admit(None, STARTUP_S, {name: given[name] for name in PASSED_ON if name in given})
        self.connection_info = self.room.connection | {"key": self.room.connection["key"].encode()}
        return self.connection_info

    def _admit_with_agent(self, process: Confined, address: Path) -> socket.socket:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(address))
            listener.listen(1)
            listener.settimeout(STARTUP_S)
            process.admit(f"{init.ROOM}/{address.name}", STARTUP_S, self.variables)
            stream, _ = listener.accept()
        stream.setblocking(False)  # the channel waits, within its limits
        return stream

    async def poll(self) -> int | None:
        """None while the kernel is running, 1 after that."""
        return None if self.process is not None and self.process.alive() else 1

    async def wait(self) -> int | None:
        """Wait until the kernel and its jail have ended, then copy the files it wrote to the notebook's folder."""
        while await self.poll() is None:
            await asyncio.sleep(POLL_S)
        if self.process is not None:
            process, self.process = self.process, None
            await asyncio.to_thread(process.finish)
            if self._back is not None and self.room is not None:
                merge_files(self.room.folder / "out", self._back)
        return 0

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel and its process group."""
        if self.process is not None:
            self.process.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and wait until it is gone; `jupyter_client` would poll only every tenth of a second."""
        await self.send_signal(signal.SIGKILL)
        for _ in range(KILL_POLLS):
            if await self.poll() is not None:
                return
            await asyncio.sleep(POLL_S)

    async def terminate(self, restart: bool = False) -> None:
        """Send SIGTERM to the kernel."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the room, unless the kernel is about to restart."""
        if self.room is not None and not restart:
            self.room.remove()
            self.room = None
