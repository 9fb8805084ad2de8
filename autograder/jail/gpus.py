"""How many GPUs this machine has for grading."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.errors import BadInput


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
