"""Forks processes from one that has already imported what they need: this machine's workers, and the demo's commands.

That process imports in the background, while the coordinating process imports nbgrader and a second core is idle.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from typing import Final

METHOD: Final = "forkserver"
"""The method by which Dask starts processes."""
OF_WORKERS = ("distributed", "autograder.classroom.work")
"""What this machine's workers need."""
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def start_soon(imported: Sequence[str] = OF_WORKERS) -> None:
    """Start the fork server, which imports these modules in the background.

    Call it before this process imports anything large. Calling it again does no harm: the first call counts.
    """
    for name in _ONE_THREAD:  # Dask sets these too, but later; the process to fork from must not have threads by then
        os.environ.setdefault(name, "1")
    forkserver.set_forkserver_preload(list(imported))
    kept = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    # it must import from the same places as this process; by default Python would look in the working directory first
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, sys.path)), PYTHONSAFEPATH="1")
    try:
        forkserver.ensure_running()
    finally:
        for name, value in kept.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
