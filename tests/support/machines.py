"""A machine of its own for a test of what a whole machine needs: users, /etc, /srv, and processes that end with it.

It is a few namespaces, so that real accounts with real permissions leave nothing on the developer's machine: /etc is a
copy, /srv is the test's folder, homes are in it, and the network is the host's.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
_SETTLES_S = 300
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MADE = """
set -eu
mkdir -p "$1/srv/home" "$1/log" "$1/mail" "$1/closed/${2#"$3"}"
test -d "$1/etc" || cp -a /etc "$1/etc"
if test "$3"; then # nobody else may enter this folder, and Python lies in it: in its place comes one with Python alone
    mount --bind "$2" "$1/closed/${2#"$3"}"
    mount --rbind "$1/closed" "$3"
fi
mount --bind "$1/srv" /srv
mount --bind "$1/etc" /etc
mount --bind "$1/log" /var/log
test ! -d /var/mail || mount --bind "$1/mail" /var/mail
useradd -D --base-dir /srv/home
touch "$1/made"
while :; do sleep 3600 || :; done
"""
PYTHON = os.path.join(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
"""This Python; every user of the machine can run it."""


def _lacking() -> str:
    tools = [name for name in ("unshare", "nsenter", "useradd", "runuser") if shutil.which(name, path=_PATH) is None]
    if tools:
        return f"{', '.join(tools)} is not installed"
    if os.geteuid():
        return "users of a machine of its own: only root can make them"
    tried = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"no namespaces for users of a machine of its own: {tried.stderr.strip()}"


needs_machine = pytest.mark.skipif(bool(_lacking()), reason=_lacking())


@dataclass(frozen=True)
class Machine:
    """One that runs: its first process, and the folder that is its /srv."""

    process: int
    srv: Path

    def line(self, *command: object, user: str = "root") -> list[str]:
        """The command that runs a command on it."""
        enter = ["nsenter", "--target", str(self.process), "--mount", "--pid", "--wd=/srv"]
        become = ["runuser", "--user", user, "--"] if user != "root" else []
        return [*enter, *become, *map(str, command)]

    def run(
        self, *command: object, user: str = "root", status: int | None = 0, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run a command on it, and return what it says; ``status`` is what it must end with."""
        home = "/root" if user == "root" else f"/srv/home/{user}"
        own = {"PATH": _PATH, "HOME": home, "USER": user, "LANG": "C.UTF-8", **(environment or {})}
        kept = {name: said for name, said in os.environ.items() if name.startswith(("PIP_", "SSL_", "npm_", "NODE_"))}
        done = subprocess.run(
            self.line(*command, user=user),
            env={**kept, **own},
            capture_output=True,
            text=True,
            timeout=3600,
            check=False,
        )
        said = done.stdout + done.stderr
        assert status in (None, done.returncode), f"{' '.join(map(str, command))}\n{said}"
        return said

    def end_all(self) -> None:
        """End all that runs on it, as systemd ends what a unit has left."""
        self.run("sh", "-c", "kill -KILL -1", status=None)

    def add_user(self, *names: str) -> None:
        """Make ordinary users, each with a home."""
        for name in names:
            self.run("useradd", "--create-home", "--shell", "/bin/bash", name)


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """A machine whose files are in a folder; all that runs on it ends with it."""
    log, made = folder / "machine.log", folder / "made"
    made.unlink(missing_ok=True)
    above = reversed(Path(sys.base_prefix).parents)
    closed = next((str(path) for path in above if not path.stat().st_mode & stat.S_IXOTH), "")
    with log.open("w") as said:
        process = subprocess.Popen(
            [*_NAMESPACES, "sh", "-c", _MADE, "sh", str(folder), sys.base_prefix, closed],
            env={**os.environ, "PATH": _PATH}, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        end = time.monotonic() + _SETTLES_S
        while not made.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        (first,) = psutil.Process(process.pid).children()
        yield Machine(first.pid, folder / "srv")
    finally:
        process.kill()  # with --kill-child its first process ends, and with that one all others
        process.wait()
