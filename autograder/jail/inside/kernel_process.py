"""The kernel's process in a jail: gives up its privileges, then becomes an ipykernel with the agent in it.

Everything before ``app.start()`` is trusted; everything after it is the student's. Sent into the sandbox as text.
"""

from __future__ import annotations

import contextlib
import importlib
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
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "pygments.formatters.terminal256",
    "stack_data",
)
"""The modules that every kernel imports while it starts or, the last two, when it shows its first traceback."""
SETTINGS = (
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShell.enable_tip=False",  # a random tip would be chosen whenever a client asks for kernel info
    # no pause before a cell's reply, which helps clients that take the reply as the end of the output: nbclient waits
    # for both
    "--IPythonKernel._execute_sleep=0",
)
OF_THE_JAIL = ("linux", "memory", "kernel_process", "files", "init", "zygote")
"""Modules that are removed from a kernel, because the agent does not need them."""


def warm_up() -> None:
    """Import what a kernel itself needs, look up what stays the same, draw a picture so that matplotlib loads fonts."""
    for name in SETTLED:
        with contextlib.suppress(ImportError):  # other versions lack some of these; then the kernel imports its own
            __import__(name)
    with contextlib.suppress(ImportError, AttributeError):  # a kernel asks for the machine's addresses
        importlib.import_module("jupyter_client.localinterfaces").public_ips()
    if "matplotlib.pyplot" in sys.modules:
        pyplot = sys.modules["matplotlib.pyplot"]
        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="label")
        axes.set(title="title", xlabel="x", ylabel="y")
        axes.legend()
        figure.savefig(io.BytesIO(), bbox_inches="tight")
        pyplot.close(figure)
        # a kernel sets a backend, for which matplotlib reads the entry points of every installed package, once
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module("matplotlib.backends.registry").backend_registry.list_all()


def main(request: dict[str, Any], status: socket.socket) -> NoReturn:
    """Become the kernel.

    Report ``ready`` or an error on ``status``, then wait there to be told to start, with or without the agent.
    """
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
        # modules beside the notebook: after the standard library and before installed packages, as in IPython
        places = [i for i, path in enumerate(sys.path) if path.endswith("-packages")]
        sys.path.insert(places[0] if places else len(sys.path), "")
    return app


def _show_pictures(shell: Any) -> None:
    """Connect matplotlib to the shell. It was imported before the shell existed and would show no pictures."""
    inline, tools = (sys.modules.get(name) for name in ("matplotlib_inline.backend_inline", "IPython.core.pylabtools"))
    if inline is not None and tools is not None:
        tools.activate_matplotlib("inline")
        inline.configure_inline_support(shell, "inline")


def _limit(limits: dict[str, int], off: set[str]) -> None:
    """Set hard resource limits, which a process can only lower."""
    with open("/proc/self/status") as file:
        data = next(int(line.split()[1]) << 10 for line in file if line.startswith("VmData:"))
    wanted = {
        # private memory in addition to the warm process's; not address space, since frameworks reserve a lot of it
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
    """Make random numbers the same in every run. No framework has drawn one yet."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    frameworks.seed_all(seed, devices=True)
