"""The Dask cluster that grades: one of this machine's own, or one that somebody else runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import dask
from distributed import Client, Nanny, Scheduler, SpecCluster, Worker, WorkerPlugin
from distributed.comm import connect
from distributed.security import Security
from rich.console import Console

from autograder.classroom import fork_server
from autograder.errors import BadInput
from autograder.jail.gpus import gpu_count

DEATHS = 2
"""Workers that a submission may kill before it is given up."""
SCHEDULER_S = 4
GPU = "GPU"
"""The Dask resource of a worker that may use a GPU."""
FIRST_WORKER_S = 600
ASK_S = 5
SETTINGS = {"distributed.scheduler.allowed-failures": DEATHS - 1, "distributed.scheduler.worker-saturation": 1.0}
"""A worker has only the unit it works on, so that its death is counted against no other."""
HERE = {
    # the dashboard, which is off, would have the profiler look at a worker's stack all the time
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": fork_server.METHOD,
}
"""For this machine's workers."""


@contextlib.contextmanager
def client_of(workers: int, scheduler: str | None) -> Iterator[Client]:
    """A client of the scheduler at an address, or of a cluster on this machine that ends with it.

    Raises
    ------
    BadInput
        when the scheduler does not answer.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set({**SETTINGS, **HERE}))
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a submission may have large files
        if scheduler is None:
            client = stack.enter_context(Client(stack.enter_context(_this_machine(workers))))
            client.register_plugin(KeepToCores(workers))
            yield client
            return
        try:
            asyncio.run(_answers(scheduler))
            client = Client(scheduler, timeout=SCHEDULER_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput(f"the scheduler {scheduler} does not answer ({error}): check the address") from None
        yield stack.enter_context(client)


async def _answers(scheduler: str) -> None:
    """Shake hands with a scheduler; a client would wait for ever for one that hears and never answers."""
    about = Security().get_connection_args("client")
    async with asyncio.timeout(SCHEDULER_S):
        comm = await connect(scheduler, timeout=SCHEDULER_S, **about)
    comm.abort()


def _this_machine(workers: int) -> SpecCluster:
    """Processes on this machine; for each GPU, one that announces it."""
    fork_server.start_soon()
    gpus, here = gpu_count(), {"host": "127.0.0.1", "protocol": "tcp://", "dashboard": False}
    options = {**here, "nthreads": 1, "memory_limit": 0, "silence_logs": logging.CRITICAL, "env": dict(os.environ)}
    return SpecCluster(
        workers={
            number: {"cls": Nanny, "options": {**options, "resources": {GPU: 1} if number < gpus else {}}}
            for number in range(workers)
        },
        scheduler={"cls": Scheduler, "options": {**here, "dashboard_address": "127.0.0.1:0"}},
        silence_logs=logging.CRITICAL,
    )


class KeepToCores(WorkerPlugin):  # type: ignore[misc]
    """Each of this machine's workers, and the jails it starts, keeps to its share of the cores.

    A test and the student's process take turns, a thousand times a submission: on one core a turn costs less than when
    another one has to be woken. Frameworks start as many threads as there are cores to be had, not as many in each jail
    as the machine has.
    """

    name = "keep-to-cores"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def setup(self, worker: Worker) -> None:
        """Before the worker has a unit; what it starts later inherits it."""
        os.sched_setaffinity(0, share(sorted(os.sched_getaffinity(0)), int(worker.name), self.workers))


def share(cores: Sequence[int], number: int, workers: int) -> set[int]:
    """The cores that worker ``number`` keeps to: as many as each other one, or all where there are too few."""
    if workers > len(cores):
        return set(cores)
    return set(cores[number * len(cores) // workers : (number + 1) * len(cores) // workers])


class Workers:
    """The workers there are; asked now and then, since they come and go."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked = float("-inf")
        self._there: list[dict[str, Any]] = []

    def await_first(self, console: Console) -> None:
        """Wait until there is one, and say so.

        Raises
        ------
        BadInput
            when none has come in time.
        """
        if self._all():
            return
        where = self._client.scheduler.address
        console.print(f"the scheduler {where} has no workers: waiting up to {FIRST_WORKER_S} s for one")
        try:
            self._client.wait_for_workers(1, timeout=FIRST_WORKER_S)
        except TimeoutError:
            raise BadInput(
                f"no worker came to the scheduler {where} within {FIRST_WORKER_S} s: start some, and run this again"
            ) from None
        self._asked = float("-inf")

    def slots(self) -> int:
        """How many units they can grade at once."""
        return sum(worker["nthreads"] for worker in self._all())

    def any_gpu(self) -> bool:
        """Whether one takes units that need a GPU."""
        return any(worker.get("resources", {}).get(GPU, 0) >= 1 for worker in self._all())

    def _all(self) -> list[dict[str, Any]]:
        if time.monotonic() - self._asked > ASK_S:
            self._there = list(self._client.scheduler_info(n_workers=-1)["workers"].values())
            self._asked = time.monotonic()
        return self._there
