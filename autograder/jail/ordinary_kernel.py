"""A kernel without a sandbox: it can read whatever its user can read.

It is an ipykernel process with its own home, working directory and socket folder, and few environment variables.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
from dataclasses import asdict
from pathlib import Path

import psutil
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from autograder import temporary
from autograder.environments.interpreter import Interpreter, this_python
from autograder.errors import PlatformFault
from autograder.jail import loader, surroundings
from autograder.jail.cpu_time import TICKS_PER_S, queued_seconds, tree_ticks
from autograder.jail.inside.files import Stamps, bring_back, stamps
from autograder.jail.inside.tracebacks import FILE_PREFIX
from autograder.jail.kernel import STARTUP_S, Kernel
from autograder.jail.limits import JailLimits
from autograder.jail.messages import bounded_client
from autograder.notebook.files import merge_files
from autograder.text import clean

WORK = "work"

_INSTALL = """
import sys
path = sys.path[:]
sys.path[:] = [p for p in path if p not in ("", work)]
try:
    load(sources, prefix)
    sys.modules["autograder.jail.inside.agent"].install(address)
finally:
    sys.path[:] = path
"""


class OrdinaryKernel(Kernel):
    """An ipykernel process that runs as this user.

    Attributes
    ----------
    known
        the files that were copied into its working directory
    """

    def __init__(self, manager: AsyncKernelManager, folder: str) -> None:
        super().__init__(manager, folder)
        self.known: Stamps = {}
        self._process: psutil.Process | None = None
        self._cpu_s = self._queued_s = 0.0

    def start(self, kernel_cwd: Path, environment: dict[str, str]) -> None:
        """Start the process, wait until it answers, and install the agent in it.

        Raises
        ------
        PlatformFault
            when it does not start or does not answer within :data:`STARTUP_S`.
        """
        address = str(Path(self.folder, "agent"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(address)
            listener.listen(1)
            listener.settimeout(STARTUP_S)
            try:
                run_sync(self._start)(kernel_cwd, environment, _bootstrap(address, kernel_cwd))
                self.stream, _ = listener.accept()
                self.stream.setblocking(False)  # the channel waits, within its limits
            except (TimeoutError, RuntimeError, OSError) as error:
                said = self._said().read_text(errors="replace").split("\n") if self._said().is_file() else []
                self.kill()
                last = next((f"; it said: {clean(line)}" for line in reversed(said) if line.strip()), "")
                raise PlatformFault(f"a kernel did not start: {error}{last}") from error
        pid = self.manager.provisioner.pid
        self._process = psutil.Process(pid)

    async def _start(self, kernel_cwd: Path, environment: dict[str, str], bootstrap: str) -> None:
        # IPython would choose a random tip whenever a client asks for its kernel info
        arguments = ["--HistoryManager.hist_file=:memory:", "--InteractiveShell.enable_tip=False"]
        # neither the student's code nor a kernel that outlives its grader writes into the instructor's terminal
        with self._said().open("wb") as said:
            await self.manager.start_kernel(
                cwd=str(kernel_cwd), env=environment, extra_arguments=arguments, stdout=said, stderr=said
            )
        await self._connect()
        reply = await self.client.execute(bootstrap, silent=True, reply=True, timeout=STARTUP_S)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the agent could not be installed: {reply['content'].get('evalue', '')}")

    def _said(self) -> Path:
        """The file of what the process writes to the terminal's descriptors."""
        return Path(self.folder, "said")

    async def _connect(self) -> None:
        self._client = bounded_client(self.manager)
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=STARTUP_S)
        self.client.allow_stdin = False

    def cpu_seconds(self) -> float:
        """CPU time of the kernel and the processes it started, in seconds. After its end it is the last known value."""
        ticks = tree_ticks(self._process.pid, own=True) if self._process is not None and self.alive() else None
        self._cpu_s = max(self._cpu_s, (ticks or 0) / TICKS_PER_S)
        return self._cpu_s

    def queued_seconds(self) -> float:
        """How long its main thread has waited for a processor so far, in seconds."""
        now = queued_seconds(self._process.pid) if self._process is not None and self.alive() else 0.0
        self._queued_s = max(self._queued_s, now)
        return self._queued_s

    def alive(self) -> bool:
        """Whether the process is running and has not been ended from here."""
        process = self._process
        try:
            return not self._ended and process is not None and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def lost(self) -> bool:
        """Always False: only the code that runs in an ordinary kernel can end it, not the platform."""
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def bring_back(self, target: Path) -> None:
        """End the kernel and copy the files that the notebook wrote in its working directory, up to a limit."""
        self.terminate()
        try:
            work = os.open(Path(self.folder, WORK), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # the notebook has put something else in its place
            return
        with temporary.temporary_folder("files") as folder:
            out = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                bring_back(work, out, self.known, asdict(JailLimits()))
            finally:
                os.close(out)
                os.close(work)
            merge_files(Path(folder), target)

    async def _end(self) -> None:
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)
        temporary.remove(Path(self.folder))


def ordinary_kernel(files: Path | None, python: Interpreter | None = None, *, gpu: bool = False) -> OrdinaryKernel:
    """Start an ipykernel process without a sandbox.

    ``files``: a folder of regular files (:mod:`autograder.notebook.files`) to copy into the kernel's private working
    directory. ``python``: the Python it runs on, by default the one that runs this code. ``gpu``: whether it may use
    this machine's GPUs.

    Raises
    ------
    PlatformFault
        when it does not start.
    """
    # a short path: the address of a Unix socket has at most 107 bytes
    home = temporary.short_folder()
    work = home / WORK
    work.mkdir()
    fonts = home / "matplotlib"
    fonts.mkdir()
    for path in surroundings.font_lists():
        shutil.copyfile(path, fonts / path.name)
    manager = AsyncKernelManager(kernel_name="python3", connection_file=str(home / "kernel.json"), transport="ipc")
    manager.kernel_spec.argv[0] = (python or this_python()).executable
    kernel = OrdinaryKernel(manager, str(home))
    kernel.start(work, _environment(home, python, gpu))
    if files is not None:
        # not earlier: Python imports from its working directory, so a student's random.py would break the start
        try:
            shutil.copytree(files, work, dirs_exist_ok=True)
            kernel.known = stamps(str(work))
        except OSError as error:
            kernel.kill()
            raise PlatformFault(f"the submission's files cannot be copied: {error}") from error
    return kernel


def _environment(home: Path, python: Interpreter | None, gpu: bool) -> dict[str, str]:
    path = os.environ.get("PATH", os.defpath)
    if python is not None:
        path = os.pathsep.join((f"{python.prefix}/bin", path))
    fonts = str(home / "matplotlib")
    return surroundings.environment(str(home), temporary=str(home), fonts=fonts, gpu=gpu) | {"PATH": path}


def _bootstrap(address: str, work: Path) -> str:
    """The code that installs the agent in a kernel. It leaves nothing in the notebook's globals."""
    known = {
        "sources": loader.sources(loader.AGENT), "address": address, "prefix": FILE_PREFIX, "work": str(work)
    }  # fmt: skip
    return f"exec({loader.LOAD + _INSTALL!r}, {known!r})"
