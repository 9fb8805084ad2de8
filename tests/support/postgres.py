"""A PostgreSQL server of this machine's own package, on loopback, in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = "postgres"
"""The system's user and the server's: PostgreSQL refuses to run as root."""


def binaries() -> Path | None:
    """The folder of the newest server installed, as Debian's package lays it out, or wherever PATH finds it."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return folders[-1].parent if folders else Path(found).parent if found else None


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """The URL of an empty database; the server ends with the block. Skips the test where there is no server."""
    bin_folder = binaries()
    if bin_folder is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg2", reason="the driver is not installed: 'make' installs the extra postgres")
    user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.geteuid() == 0 else []
    folder.mkdir()
    if user:
        shutil.chown(folder, USER)
        for parent in folder.parents:  # pytest's folders are for their owner only
            if parent.stat().st_uid == os.geteuid() and parent.is_relative_to(os.environ.get("TMPDIR", "/tmp")):
                parent.chmod(parent.stat().st_mode | 0o711)
    data, port = folder / "data", free_port()

    def run(program: str, *arguments: str) -> None:
        command = [*user, str(bin_folder / program), "-D", str(data), *arguments]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert done.returncode == 0, done.stdout

    run("initdb", "-U", USER, "-A", "trust", "--encoding=UTF8", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg2://{USER}@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
