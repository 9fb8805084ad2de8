"""The Dask cluster that grades: one on this machine, or one that is already running elsewhere."""

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
from autograder.errors import BadInput, PlatformFault
from autograder.jail import warm
from autograder.jail.gpus import gpu_count

DEATHS = 2
"""How many workers may die while grading a submission before it is given up."""
STARTS = 3
"""How many times this machine's workers are started, if one dies while it starts."""
SCHEDULER_S = 4
GPU = "GPU"
"""The Dask resource of a worker that may use a GPU."""
FIRST_WORKER_S = 600
ASK_S = 5
SETTINGS = {
    # a worker holds only the task it is working on, so its death does not count against another task
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    "distributed.scheduler.worker-saturation": 1.0,
    # the last messages of each connection are kept for debugging, 1,000 of them: a class's submissions
    "distributed.admin.low-level-log-length": 0,
    # how often each event loop notes that it is not late: 50 times a second by default
    "distributed.admin.tick.interval": "1s",
}
"""Settings for the scheduler, the client and the workers."""
HERE = {
    # the profiler samples a worker's stack all the time, only for the dashboard, which is off
    "distributed.worker.profile.enabled": False,
    "distributed.worker.multiprocessing-method": fork_server.METHOD,
}
"""Settings for this machine's workers."""


@contextlib.contextmanager
def client_of(workers: int, scheduler: str | None) -> Iterator[Client]:
    """A client of the scheduler at an address or, without one, of a new cluster on this machine that ends with it.

    Raises
    ------
    BadInput
        when the scheduler does not answer.
    PlatformFault
        when this machine's workers do not start.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set({**SETTINGS, **HERE}))
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # a submission may have large files
        if scheduler is None:
            stack.enter_context(warm.lent_to_children())
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
    """Shake hands with a scheduler; a client would wait forever for one that accepts a connection and never answers."""
    about = Security().get_connection_args("client")
    async with asyncio.timeout(SCHEDULER_S):
        comm = await connect(scheduler, timeout=SCHEDULER_S, **about)
    comm.abort()


def _this_machine(workers: int) -> SpecCluster:
    """A cluster of processes on this machine; one worker per GPU announces it.

    Dask starts a worker again that dies later, but gives up the whole cluster for one that dies while it starts.

    Raises
    ------
    PlatformFault
        when a worker died while it started, :data:`STARTS` times.
    """
    fork_server.start_soon()
    for left in reversed(range(STARTS)):
        try:
            return _processes(workers)
        except RuntimeError as error:
            if left:
                continue
            raise PlatformFault(
                f"the workers of this machine do not start ({error.__cause__ or error}); what is done is saved:"
                " look whether memory is short, and run the command again"
            ) from error
    raise AssertionError("unreachable")


def _processes(workers: int) -> SpecCluster:
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
    """Pins each of this machine's workers, and the jails it starts, to its share of the cores.

    A test and the student's process take turns, a thousand times per submission. On one core, a turn costs less than
    waking another core. Frameworks then start as many threads as the share has cores, instead of as many in each jail
    as the machine has.
    """

    name = "keep-to-cores"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def setup(self, worker: Worker) -> None:
        """Pin the worker before it gets a task; processes that it starts later inherit this."""
        os.sched_setaffinity(0, share(sorted(os.sched_getaffinity(0)), int(worker.name), self.workers))


def share(cores: Sequence[int], number: int, workers: int) -> set[int]:
    """The cores of worker ``number``: an equal share, or all cores if there are fewer cores than workers."""
    if workers > len(cores):
        return set(cores)
    return set(cores[number * len(cores) // workers : (number + 1) * len(cores) // workers])


class Workers:
    """The workers of a cluster; the list is refreshed now and then, because workers come and go."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked = float("-inf")
        self._there: list[dict[str, Any]] = []

    def await_first(self, console: Console) -> None:
        """Wait until there is a worker, and print that this waits.

        Raises
        ------
        BadInput
            when no worker has come in time.
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
        """How many tasks the workers can run at once."""
        return sum(worker["nthreads"] for worker in self._all())

    def any_gpu(self) -> bool:
        """Whether any worker accepts tasks that need a GPU."""
        return any(worker.get("resources", {}).get(GPU, 0) >= 1 for worker in self._all())

    def _all(self) -> list[dict[str, Any]]:
        if time.monotonic() - self._asked > ASK_S:
            self._there = list(self._client.scheduler_info(n_workers=-1)["workers"].values())
            self._asked = time.monotonic()
        return self._there
