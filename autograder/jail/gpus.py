"""The GPUs of this machine: how many there are for grading, and what of /dev a program needs to use them."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import BadInput

_NODES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/*")
"""The driver's devices: one for each GPU, those that all programs share, those of a partitioned GPU's parts."""


def gpu_devices() -> list[str]:
    """The paths of what NVIDIA's driver has in /dev; none where there is no driver."""
    return sorted({str(path) for pattern in _NODES for path in Path("/dev").glob(pattern)})


def gpu_count() -> int:
    """``AUTOGRADER_GPUS`` when it is set (0: use none of them), or the NVIDIA devices there are.

    Raises
    ------
    BadInput
        when the variable is no number.
    """
    said = os.environ.get("AUTOGRADER_GPUS")
    if said is None:
        return len(list(Path("/dev").glob("nvidia[0-9]*")))
    if not said.isdecimal():
        raise BadInput(f"AUTOGRADER_GPUS is {said!r}: it must be a number")
    return int(said)
