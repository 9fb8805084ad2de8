"""A JupyterLab on a course, as `make lab` starts it, for tests that talk to its server."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = "a-token-for-this-test"
STARTS_S = 60


@contextmanager
def running_lab(
    root: Path, folder: Path, module: str = "autograder.bridge.lab", *own: str, **environment: str
) -> Iterator[str]:
    """The address of a JupyterLab in ``root``, on loopback; its own files are in ``folder``.

    ``module``: what starts it; without another, `make lab` on a course. ``own``: its options.
    """
    log = folder / "log"
    options = ["--no-browser", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}", *own]
    places = {name: str(folder / name) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "HOME")}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=root, env=os.environ | places | environment, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server logs, once it answers there: the server logs it before it listens."""
    end = time.monotonic() + STARTS_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text())
        if found and _listens(int(found[1])):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(address: str) -> bytes:
    """The body of a page that answers with 200."""
    return _ask(urllib.request.Request(address))


def put(address: str, **data: Any) -> Any:
    """What a server's interface answers when it is sent JSON."""
    return json.loads(_ask(urllib.request.Request(address, json.dumps(data).encode(), method="PUT")))


def _ask(request: urllib.request.Request) -> bytes:
    request.add_header("Authorization", f"token {TOKEN}")
    with urllib.request.urlopen(request, timeout=60) as reply:
        return bytes(reply.read())
