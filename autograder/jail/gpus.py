"""The GPUs of this machine: how many grading may use, and which devices in /dev a program needs for them."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import BadInput

_NODES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/*")
"""The driver's devices: one for each GPU, those that all programs share, and those for parts of a partitioned GPU."""


def gpu_devices() -> list[str]:
    """The paths of the NVIDIA driver's devices in /dev; empty if there is no driver."""
    return sorted({str(path) for pattern in _NODES for path in Path("/dev").glob(pattern)})


def gpu_count() -> int:
    """``AUTOGRADER_GPUS`` if it is set (0 means use none), else the number of NVIDIA devices.

    Raises
    ------
    BadInput
        when the variable is not a number.
    """
    said = os.environ.get("AUTOGRADER_GPUS")
    if said is None:
        return len(list(Path("/dev").glob("nvidia[0-9]*")))
    if not said.isdecimal():
        raise BadInput(f"AUTOGRADER_GPUS is {said!r}: it must be a number")
    return int(said)
