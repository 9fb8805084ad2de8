"""A kernel's room on the host: a folder for its sockets, the files it gets and the files it leaves behind."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import Any

from autograder.jail.inside import init

_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
CONNECTION_FILE = f"{init.ROOM}/connection.json"
"""Where the kernel finds its connection file, inside the jail."""


class Room:
    """One kernel's folder, with a random name.

    Attributes
    ----------
    folder
        contains ``sockets``, which the jail sees and the kernel fills; ``files``, which are copied into the kernel's
        working directory; and ``out``, which receives the files that were written there
    connection
        how a client reaches the kernel: the content of a Jupyter connection file
    """

    def __init__(self, rooms: Path) -> None:
        self.folder = rooms / secrets.token_hex(4)
        for name in ("sockets", "files", "out"):
            (self.folder / name).mkdir(parents=True)
        common = {"transport": "ipc", "key": secrets.token_hex(32), "signature_scheme": "hmac-sha256"}
        common |= {f"{channel}_port": number for number, channel in enumerate(_CHANNELS, 1)}  # type: ignore[misc]
        self.connection: dict[str, Any] = common | {"ip": str(self.folder / "sockets" / "kernel"), "kernel_name": ""}
        inside = self.connection | {"ip": f"{init.ROOM}/kernel"}
        (self.folder / "sockets" / "connection.json").write_text(json.dumps(inside))

    def renew(self) -> None:
        """Prepare it for another kernel at the same addresses: remove the previous kernel's sockets and files."""
        for path in (self.folder / "sockets").glob("kernel-*"):
            path.unlink()
        for name in ("files", "out"):
            shutil.rmtree(self.folder / name)
            (self.folder / name).mkdir()

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
