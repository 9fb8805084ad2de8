"""Grade a class on a Slurm cluster: one worker a job, started with dask-jobqueue.

``python docs/cluster/slurm.py define_by_run --jobs 40 --queue cpu`` on a login node, in the course's folder, in an
environment with this package, its extra ``course`` if the sprint needs a framework, and ``pip install
'dask-jobqueue>=0.9'``. The jobs need the same environment and the same graders, on a shared file system or on every
node. ``--gpus`` starts workers with a GPU and grades what waits for one.
"""

from __future__ import annotations

import argparse

import dask
from dask_jobqueue import SLURMCluster

from autograder.classroom.batch import autograde_class
from autograder.classroom.cluster import GPU, SETTINGS
from autograder.classroom.standing import show_standing


def slurm_cluster(
    *, queue: str | None, account: str | None, walltime: str, interface: str | None, gpus: bool, prologue: list[str]
) -> SLURMCluster:
    """A scheduler in this process, and the job that starts a worker: one core, one process, one jail at a time."""
    return SLURMCluster(
        queue=queue,
        account=account,
        walltime=walltime,
        interface=interface,  # a network that the nodes and this machine share, such as ib0
        cores=1,
        processes=1,
        memory="6GiB",  # the warm process with tensorflow and torch, and a jail
        job_extra_directives=["--gres=gpu:1"] if gpus else [],
        worker_extra_args=["--resources", f"{GPU}=1"] if gpus else [],
        job_script_prologue=prologue,  # what a job needs before Python: module load, ulimit
        scheduler_options={"dashboard": False, "dashboard_address": None},
        local_directory="/tmp",
    )


def main() -> None:
    """Start the jobs, grade, end the jobs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sprint")
    parser.add_argument("--jobs", type=int, default=10)
    parser.add_argument("--queue")
    parser.add_argument("--account")
    parser.add_argument("--walltime", default="02:00:00")
    parser.add_argument("--interface")
    parser.add_argument("--gpus", action="store_true")
    parser.add_argument("--prologue", action="append", default=[], metavar="LINE")
    options = parser.parse_args()
    with (
        dask.config.set(SETTINGS),
        slurm_cluster(
            queue=options.queue, account=options.account, walltime=options.walltime, interface=options.interface,
            gpus=options.gpus, prologue=options.prologue,
        ) as cluster,
    ):  # fmt: skip
        cluster.scale(jobs=options.jobs)
        which = "pending" if options.gpus else "missing"
        show_standing(autograde_class(options.sprint, scheduler=cluster.scheduler_address, which=which))


if __name__ == "__main__":
    main()
