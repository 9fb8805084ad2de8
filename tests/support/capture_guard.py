"""Keeps pytest's own capture file open.

Whatever wraps ``sys.stdout.buffer`` in a stream of its own closes it with that stream, at the latest when the stream is
found as garbage: in some later test, and from there on every test of the process fails with "I/O operation on closed
file". Here the close is refused: whoever closes the file by a call fails there, and of a stream that is garbage Python
warns.

One who does so is known. absl, which TensorFlow imports, makes a logging handler that keeps what sys.stderr was then,
here the capture file. Where a traitlets application configures logging, all handlers are closed, and absl's closes its
stream unless it is sys.stderr at that moment.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import pytest


def capture_files(config: pytest.Config) -> list[Any]:
    """The files in which pytest captures stdout and stderr, and what lies under each of them; none without capture."""
    manager = config.pluginmanager.getplugin("capturemanager")
    capture = getattr(manager, "_global_capturing", None)
    streams = (getattr(capture, name, None) for name in ("out", "err"))
    files = [file for stream in streams if (file := getattr(stream, "tmpfile", None)) is not None]
    return [*files, *(file.buffer for file in files if hasattr(file, "buffer"))]


def keep_open(config: pytest.Config) -> None:
    """Refuse every close of these files until pytest itself ends."""
    files = capture_files(config)
    for file in files:
        file.close = _refuse

    def let_go() -> None:
        for file in files:
            del file.close

    config.add_cleanup(let_go)  # the last one added is called first, so before pytest closes its files


def release_from_absl() -> None:
    """Give absl's logging handler the process's own stderr, which it never closes. Without absl it does nothing."""
    absl = sys.modules.get("absl.logging")
    if absl is not None:
        absl.get_absl_handler().python_handler.setStream(sys.__stderr__)


def _refuse() -> NoReturn:
    raise RuntimeError("this would close the file in which pytest captures the output of all tests")
