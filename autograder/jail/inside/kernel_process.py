"""The kernel's process in a jail: gives up what it may not have, then becomes an ipykernel with the agent in it.

Everything before ``app.start()`` is ours; everything after is the student's. Sent into the sandbox as text.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import socket
import sys
import traceback
from typing import Any, NoReturn

from autograder.jail.inside import agent, frameworks, linux

HOME = "/home/student"
WORK = f"{HOME}/work"
SETTLED = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "sqlite3",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
)
"""What a kernel imports while it starts, whatever the notebook."""
SETTINGS = (
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShell.enable_tip=False",  # drawn at random whenever a client says hello
    # a pause before a cell's reply, for clients that take the reply for the end of the outputs: nbclient waits for both
    "--IPythonKernel._execute_sleep=0",
)
OF_THE_JAIL = ("linux", "kernel_process", "files", "init", "zygote")
"""Modules that a kernel does not keep: the agent needs none of them."""


def warm_up() -> None:
    """Import what a kernel itself needs, and draw a picture, for which matplotlib reads its fonts."""
    for name in SETTLED:
        with contextlib.suppress(ImportError):  # another version's module; a kernel will import what it has instead
            __import__(name)
    if "matplotlib.pyplot" in sys.modules:
        pyplot = sys.modules["matplotlib.pyplot"]
        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="label")
        axes.set(title="title", xlabel="x", ylabel="y")
        axes.legend()
        figure.savefig(io.BytesIO(), bbox_inches="tight")
        pyplot.close(figure)


def main(request: dict[str, Any], status: socket.socket) -> NoReturn:
    """Become the kernel. ``status`` is told ``ready`` or why not, and says when to go on, with or without the agent."""
    try:
        app = _settle(request, status)
    except BaseException:
        status.sendall(traceback.format_exc()[-2000:].encode())
        os._exit(1)
    status.sendall(b"ready")
    told = status.recv(1 << 12)
    status.close()
    try:
        if told:
            wanted = json.loads(told)
            os.environ.update(wanted["environment"])
            if wanted["go"]:
                agent.install(wanted["go"])
            app.start()
    finally:
        os._exit(0)


def _settle(request: dict[str, Any], status: socket.socket) -> Any:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != status.fileno():
            with contextlib.suppress(OSError):
                os.close(int(name))
    os.chdir(WORK)
    _limit(request["limits"], set(request["off"]))
    if "capabilities" not in request["off"]:
        linux.drop_privileges()
    linux.set_dumpable(True)
    _seed(request["seed"])
    sys.argv = ["ipykernel_launcher.py", "-f", request["connection_file"]]
    kernelapp = sys.modules["ipykernel.kernelapp"]
    app = kernelapp.IPKernelApp.instance()
    app.initialize([*sys.argv[1:], *SETTINGS])
    _show_pictures(app.shell)
    for name in OF_THE_JAIL:
        del sys.modules[f"autograder.jail.inside.{name}"]
    if "" not in sys.path:
        # modules beside the notebook, before what is installed and after the standard library, as IPython has it
        places = [i for i, path in enumerate(sys.path) if path.endswith("-packages")]
        sys.path.insert(places[0] if places else len(sys.path), "")
    return app


def _show_pictures(shell: Any) -> None:
    """Tell matplotlib of the shell: where it was imported before there was one, it would show no picture."""
    inline, tools = (sys.modules.get(name) for name in ("matplotlib_inline.backend_inline", "IPython.core.pylabtools"))
    if inline is not None and tools is not None:
        tools.activate_matplotlib("inline")
        inline.configure_inline_support(shell, "inline")


def _limit(limits: dict[str, int], off: set[str]) -> None:
    """Resource limits, hard ones: a process may only lower them."""
    with open("/proc/self/status") as file:
        data = next(int(line.split()[1]) << 10 for line in file if line.startswith("VmData:"))
    wanted = {
        # private memory beyond what the warm process had; address space is no measure, frameworks reserve it
        "memory_limit": (resource.RLIMIT_DATA, data + limits["memory"]),
        "cpu_limit": (resource.RLIMIT_CPU, limits["cpu_s"]),
        "processes_limit": (resource.RLIMIT_NPROC, limits["processes"]),
        "open_files_limit": (resource.RLIMIT_NOFILE, limits["open_files"]),
        "file_size_limit": (resource.RLIMIT_FSIZE, limits["file_size"]),
        "core_limit": (resource.RLIMIT_CORE, 0),
    }
    for name, (number, value) in wanted.items():
        if name in off:
            continue
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def _seed(seed: int) -> None:
    """The same random numbers in every run; no framework has been asked for one yet."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    frameworks.seed_all(seed, devices=True)
