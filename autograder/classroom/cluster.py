"""The Dask cluster that grades: one of this machine's own, or one that somebody else runs."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

import dask
from distributed import Client, LocalCluster

from autograder.errors import BadInput

DEATHS = 2
"""Workers that a submission may kill before it is given up."""
SCHEDULER_S = 8
SETTINGS = {"distributed.scheduler.allowed-failures": DEATHS - 1, "distributed.scheduler.worker-saturation": 1.0}
"""A worker has only the unit it works on, so that its death is counted against no other."""


@contextlib.contextmanager
def client_of(workers: int, scheduler: str | None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of a cluster on this machine that ends with it.

    Raises
    ------
    BadInput
        when the scheduler does not answer.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a submission may have large files
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", memory_limit=0,
                dashboard_address=None, silence_logs=logging.CRITICAL,
            )  # fmt: skip
            stack.enter_context(cluster)
            yield stack.enter_context(Client(cluster))
            return
        try:
            client = Client(scheduler, timeout=SCHEDULER_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput(f"the scheduler {scheduler} does not answer ({error}): check the address") from None
        yield stack.enter_context(client)
