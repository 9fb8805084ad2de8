"""A Jupyter kernel provisioner whose kernels are forked from the warm process into jails of their own.

The kernelspec ``autograder-jail`` that comes with this package names it under
``metadata.kernel_provisioner.provisioner_name``; where ``JUPYTER_DEFAULT_PROVISIONER_NAME=autograder-jail`` is set, it
starts the kernels of all specs that name none. nbclient, nbgrader and everything else that starts kernels by
`jupyter_client` then get jailed ones, over ipc sockets.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Collection
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
PASSED_ON = ("NBGRADER_EXECUTION",)
"""Variables of the client's environment that a kernel gets: by this one a notebook knows what it is run for."""


class JailProvisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Starts, signals and ends one jailed kernel.

    Attributes
    ----------
    jail
        the warm jail it comes from: this process's shared one unless set
    files
        the folder of which the kernel gets a copy, the working directory it is started in unless set; notebooks,
        links and hidden files stay behind
    agent
        whether the agent connects to us: its end is then :attr:`stream`
    off
        protections to leave out, for tests
    room, process
        where the kernel lives and its process, once it has been launched
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.jail: warm.WarmJail | None = None
        self.files: Path | None = None
        self.agent = False
        self.off: Collection[str] = ()
        self.room: Room | None = None
        self.process: Confined | None = None
        self.stream: socket.socket | None = None
        self._back: Path | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel to wait for."""
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take a kernel that waits; after a restart, one at the same addresses."""
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
        """Bring the files in, let the kernel go on, and say how to reach it."""
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
            process.admit(f"{init.ROOM}/{address.name}", STARTUP_S)
            stream, _ = listener.accept()
        stream.settimeout(STARTUP_S)  # for sending; a reader waits by its own limits
        return stream

    async def poll(self) -> int | None:
        """None while the kernel runs."""
        return None if self.process is not None and self.process.alive() else 1

    async def wait(self) -> int | None:
        """Wait for the kernel's end, then for that of its jail; what it wrote comes back beside the notebook."""
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
        """End the kernel at once, and see it gone: `jupyter_client` would look again after a tenth of a second."""
        await self.send_signal(signal.SIGKILL)
        for _ in range(KILL_POLLS):
            if await self.poll() is not None:
                return
            await asyncio.sleep(POLL_S)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the room, unless the kernel is about to be started again."""
        if self.room is not None and not restart:
            self.room.remove()
            self.room = None
