"""A Jupyter kernel provisioner whose kernels are forked from the warm process into jails of their own.

A kernelspec names it under ``metadata.kernel_provisioner.provisioner_name``; nbclient, nbgrader and everything else
that starts kernels by `jupyter_client` then get jailed ones, over ipc sockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Collection
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase

from autograder.course.files import regular_files, stage_files
from autograder.jail import jail_init, warm
from autograder.jail.confined import Confined

POLL_S = 0.002
KILL_POLLS = 1000


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
        whether to connect the agent to the listening socket ``sockets/agent`` in :attr:`room`
    off
        protections to leave out, for tests
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.jail: warm.WarmJail | None = None
        self.files: Path | None = None
        self.agent = False
        self.off: Collection[str] = ()
        self.room: Path | None = None
        self.process: Confined | None = None
        self._back: Path | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel to wait for."""
        return self.process is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the kernel's room and tell both sides where its sockets are."""
        manager = self.parent
        self.make_room()
        assert self.room is not None
        manager.transport, manager.ip = "ipc", str(self.room / "sockets" / "kernel")
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        inside = {name: value for name, value in self.connection_info.items() if isinstance(value, str | int)}
        inside |= {"ip": f"{jail_init.ROOM}/kernel", "key": self.connection_info["key"].decode()}
        (self.room / "sockets" / "connection.json").write_text(json.dumps(inside))
        for name in ("extra_arguments", "transport_encryption"):
            kwargs.pop(name, None)
        return await super().pre_launch(cmd=[], **kwargs)  # type: ignore[no-any-return]

    def make_room(self) -> Path:
        """The kernel's folder, new unless it has one; after a restart without the sockets of the kernel before."""
        self.jail = self.jail or warm.shared()
        if self.room is None:
            self.room = self.jail.new_room()
        for path in (self.room / "sockets").glob("kernel-*"):
            path.unlink()
        return self.room

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Put the files where the jail finds them, and fork the kernel."""
        assert self.room is not None
        assert self.jail is not None
        if self.files is None:
            self._back = Path(kwargs.get("cwd") or os.getcwd())
            stage_files(None, self._back, self.room / "files")
        elif self.files != self.room / "files":
            shutil.copytree(self.files, self.room / "files", dirs_exist_ok=True)
        agent = f"{jail_init.ROOM}/agent" if self.agent else None
        connection = f"{jail_init.ROOM}/connection.json"
        self.process = await asyncio.to_thread(self.jail.launch, self.room, connection, agent, off=self.off)
        return self.connection_info

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
            self._bring_back()
        return 0

    def _bring_back(self) -> None:
        assert self.room is not None
        if self._back is None:
            return
        for name in regular_files(self.room / "out"):
            target = self._back / name
            if target.is_symlink() or not target.parent.resolve().is_relative_to(self._back.resolve()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.room / "out" / name, target)

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
            shutil.rmtree(self.room, ignore_errors=True)
            self.room = None
