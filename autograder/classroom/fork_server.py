"""This machine's workers are forked from a process that has imported what they need, once for all of them.

It does so beside the coordinating process, which imports nbgrader meanwhile; the second core has nothing to do yet.
"""

from __future__ import annotations

import os
import sys
from multiprocessing import forkserver

METHOD = "forkserver"
"""How Dask is to make processes."""
_IMPORTED = ["distributed", "autograder.classroom.work"]
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def start_soon() -> None:
    """Start it; it imports in the background. Best before anything large is imported here, and again does no harm."""
    for name in _ONE_THREAD:  # Dask says so as well, later; what is forked should not have threads by then
        os.environ.setdefault(name, "1")
    forkserver.set_forkserver_preload(_IMPORTED)
    kept = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    # it imports from where this process does; Python would have it look into the working directory first
    os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, sys.path)), PYTHONSAFEPATH="1")
    try:
        forkserver.ensure_running()
    finally:
        for name, value in kept.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
