"""A student's kernel: one Jupyter kernel process with the agent in it, started, interrupted and ended from outside.

`grading` knows kernels only by :class:`Kernel` and gets them from a :data:`KernelSource`; a sandboxed kernel is another
source. The ordinary one here is an ipykernel process with a private home, working directory and socket folder and a
small environment, but **no sandbox**: it can read what its user can.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from autograder.environments.interpreter import Interpreter, this_python
from autograder.errors import PlatformFault
from autograder.jail.inside import agent, wire
from autograder.jail.inside.files import Stamps, bring_back, stamps
from autograder.notebook.files import merge_files

STARTUP_S = 60
"""Wall-clock seconds a kernel may take to start and to install the agent."""
WORK = "work"
BACK = {"files": 200, "depth": 8, "back": 64 << 20}
"""How many of the files that a notebook wrote come back, how deep in folders, and how many bytes in all."""

_LOADER = """
import sys, types
path = sys.path[:]
sys.path[:] = [p for p in path if p not in ("", work)]
try:
    for name, source in sources.items():
        module = sys.modules[name] = types.ModuleType(name)
        module.__path__ = []
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
        exec(compile(source, prefix + " " + name + ">", "exec"), module.__dict__)
    sys.modules["autograder.jail.inside.agent"].install(address)
finally:
    sys.path[:] = path
"""


class Kernel:
    """A running kernel process and the socket to the agent in it.

    Attributes
    ----------
    manager
        the `jupyter_client` kernel manager, for nbclient
    stream
        the socket on which the agent answers
    folder
        its private folder, whose name means nothing to a student
    known
        the files that were put into its working directory
    """

    def __init__(self, manager: AsyncKernelManager, folder: str) -> None:
        self.manager = manager
        self._client: Any = None
        self.stream: socket.socket | None = None
        self.folder = folder
        self.known: Stamps = {}
        self._process: psutil.Process | None = None
        self._ended = False

    @property
    def client(self) -> Any:
        """A started asynchronous kernel client, None before the start and after the end."""
        return self._client

    def start(self, kernel_cwd: Path, environment: dict[str, str]) -> None:
        """Start the process, wait until it answers, and put the agent into it.

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
                self.stream.settimeout(STARTUP_S)  # for sending; a reader waits by its own limits
            except (TimeoutError, RuntimeError, OSError) as error:
                self.kill()
                raise PlatformFault(f"a kernel did not start: {error}") from error
        pid = self.manager.provisioner.pid
        self._process = psutil.Process(pid)

    async def _start(self, kernel_cwd: Path, environment: dict[str, str], bootstrap: str) -> None:
        # a tip is drawn at random whenever a client says hello
        arguments = ["--HistoryManager.hist_file=:memory:", "--InteractiveShell.enable_tip=False"]
        await self.manager.start_kernel(cwd=str(kernel_cwd), env=environment, extra_arguments=arguments)
        self._client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=STARTUP_S)
        self.client.allow_stdin = False
        reply = await self.client.execute(bootstrap, silent=True, reply=True, timeout=STARTUP_S)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the agent could not be installed: {reply['content'].get('evalue', '')}")

    def serve(self) -> None:
        """Ask the kernel to listen to the agent's socket once it has finished what it is doing."""
        message = self.client.session.msg("autograder_serve", {})
        self.client.shell_channel.send(message)

    def cpu_seconds(self) -> float:
        """CPU time of the kernel and the children it has waited for, in seconds."""
        try:
            assert self._process is not None
            times = self._process.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system + times.children_user + times.children_system)

    def alive(self) -> bool:
        """Whether the process runs and nobody has ended it."""
        process = self._process
        try:
            return not self._ended and process is not None and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def lost(self) -> bool:
        """Whether it ended through a fault of ours; an ordinary process ends by what runs in it."""
        return False

    def interrupt(self) -> None:
        """Send SIGINT to the kernel and the processes of its session. Safe from any thread."""
        self._signal(signal.SIGINT)

    def terminate(self) -> None:
        """Send SIGKILL likewise; :meth:`kill` still has to clean up."""
        self._signal(signal.SIGKILL)
        self._ended = True  # a moment before it is seen

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def bring_back(self, target: Path) -> None:
        """Copy the files that the notebook wrote into its working directory to a folder, up to a limit."""
        self.terminate()
        with tempfile.TemporaryDirectory(prefix="files-") as folder:
            out = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                bring_back(str(Path(self.folder, WORK)), out, self.known, BACK)
            finally:
                os.close(out)
            merge_files(Path(folder), target)

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

    async def _end(self) -> None:
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)
        shutil.rmtree(self.folder, ignore_errors=True)


KernelSource = Callable[[Path | None], Kernel]
"""Starts a kernel that finds copies of the files in the given folder, if any, in its working directory."""


def ordinary_kernel(files: Path | None, python: Interpreter | None = None) -> Kernel:
    """Start an ipykernel process without a sandbox.

    ``files``: a folder of regular files (:mod:`autograder.notebook.files`), copied into the kernel's private working
    directory. ``python``: which Python it runs on; the one that runs this unless given.

    Raises
    ------
    PlatformFault
        when it does not start.
    """
    # a short path: the address of a Unix socket has at most 107 bytes
    home = Path(tempfile.mkdtemp(prefix="ag-", dir="/tmp"))
    work = home / WORK
    work.mkdir()
    _copy_font_cache(home / "matplotlib")
    manager = AsyncKernelManager(kernel_name="python3", connection_file=str(home / "kernel.json"), transport="ipc")
    manager.kernel_spec.argv[0] = (python or this_python()).executable
    kernel = Kernel(manager, str(home))
    kernel.start(work, _environment(home, python))
    if files is not None:
        # not before: Python looks for modules in its working directory, a student's random.py among them
        try:
            shutil.copytree(files, work, dirs_exist_ok=True)
            kernel.known = stamps(str(work))
        except OSError as error:
            kernel.kill()
            raise PlatformFault(f"the submission's files cannot be copied: {error}") from error
    return kernel


def _copy_font_cache(target: Path) -> None:
    """Give the kernel a copy of this user's matplotlib font list, which takes seconds to make anew."""
    target.mkdir()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "matplotlib"
    for path in cache.glob("fontlist-*.json"):
        shutil.copyfile(path, target / path.name)


def _environment(home: Path, python: Interpreter | None) -> dict[str, str]:
    """A small environment: nothing of the grader's own, and the same hashes in every run."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    if python is not None:
        kept["PATH"] = os.pathsep.join((f"{python.prefix}/bin", kept.get("PATH", os.defpath)))
    return kept | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "TMPDIR": str(home),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # its results differ from one kind of CPU to another
        "CUDA_VISIBLE_DEVICES": "",
    }


def _bootstrap(address: str, work: Path) -> str:
    """The code that brings the agent's modules into a kernel, under their own names, without the package."""
    sources = {
        "autograder": "",
        "autograder.jail": "",
        "autograder.jail.inside": "",
        wire.__name__: inspect.getsource(wire),
        agent.__name__: inspect.getsource(agent),
    }
    known = {"sources": sources, "address": address, "prefix": agent.FILE_PREFIX, "work": str(work)}
    return f"exec({_LOADER!r}, {known!r})"
