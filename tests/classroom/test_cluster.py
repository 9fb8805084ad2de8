"""Do the example files for clusters work, as far as that can be seen without one?"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from rich.console import Console

from autograder.classroom import cluster
from autograder.classroom.cluster import SETTINGS, Workers, share
from autograder.errors import BadInput, PlatformFault
from tests.support.classes import marks
from tests.support.courses import SLUG, python
from tests.support.paths import ROOT

EXAMPLES = ROOT / "docs" / "cluster"
# like Slurm's, it has read the script when it returns: dask-jobqueue removes it then
SBATCH = '#!/bin/sh\nscript=$(cat "$1")\nsh -c "$script" > /dev/null 2>&1 &\necho Submitted batch job $!\n'
SCANCEL = '#!/bin/sh\nkill "$@"\n'


@pytest.fixture
def slurm() -> ModuleType:
    """The example for Slurm."""
    pytest.importorskip("dask_jobqueue", reason="'make' installs the extra dev")
    spec = importlib.util.spec_from_file_location("slurm_example", EXAMPLES / "slurm.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("gpus", [False, True])
def test_the_job_that_slurm_is_given(slurm: ModuleType, gpus: bool) -> None:
    with slurm.slurm_cluster(
        queue="cpu", account="course", walltime="01:00:00", interface="lo", gpus=gpus, prologue=["ulimit -c 0"]
    ) as made:
        *directives, prologue, command = made.job_script().strip().splitlines()
        address = made.scheduler_address
    for directive in ("-p cpu", "-A course", "--cpus-per-task=1", "--mem=6G", "-t 01:00:00"):
        assert f"#SBATCH {directive}" in directives
    assert ("#SBATCH --gres=gpu:1" in directives) == gpus
    assert prologue == "ulimit -c 0"
    assert command.startswith(f"{sys.executable} -m distributed.cli.dask_worker {address} ")
    assert "--nthreads 1 " in command
    assert ("--resources GPU=1" in command) == gpus


@pytest.mark.slow
def test_a_class_is_graded_by_the_jobs_of_the_example(
    slurm: ModuleType, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does the generated script start a worker that grades? A stand-in for Slurm runs it here."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    said = python(course, str(EXAMPLES / "slurm.py"), SLUG, "--jobs", "1", "--interface", "lo")
    assert "0 graded, 0 pending, 4 broken, 0 failed; 0 of them by an earlier run" in said
    assert len(marks(course)) == 4


def test_the_manifest_for_kubernetes_has_what_grading_needs() -> None:
    made, gpus = yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text())
    assert (made["kind"], gpus["kind"], gpus["spec"]["cluster"]) == ("DaskCluster", "DaskWorkerGroup", "grading")
    (scheduler,) = made["spec"]["scheduler"]["spec"]["containers"]
    environment = {variable["name"]: variable["value"] for variable in scheduler["env"]}
    for setting, value in SETTINGS.items():
        name = "DASK_" + setting.replace(".", "__").replace("-", "_").upper()
        assert environment[name] == str(value)
    for group, announced in ((made, False), (gpus, True)):
        pod = group["spec"]["worker"]["spec"]
        (worker,) = pod["containers"]
        assert worker["args"][worker["args"].index("--nthreads") + 1] == "1"
        assert ("GPU=1" in worker["args"], "nvidia.com/gpu" in worker["resources"]["limits"]) == (announced, announced)
        assert worker["securityContext"]["procMount"] == "Unmasked"
        assert worker["securityContext"]["seccompProfile"] == {"type": "Unconfined"}
        assert pod["hostUsers"] is False


def test_a_scheduler_without_workers_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is it waited for in view, and not for ever?"""
    monkeypatch.setattr(cluster, "FIRST_WORKER_S", 1)
    began = time.monotonic()
    with cluster.client_of(0, None) as client:
        with pytest.raises(BadInput, match="no worker came to the scheduler tcp://.* within 1 s: start some"):
            Workers(client).await_first(Console())
        assert "has no workers: waiting up to 1 s for one" in capsys.readouterr().out
    assert time.monotonic() - began < 20


def dies(while_there_are: int, folder: Path) -> str:
    """What a worker runs before it starts: it is killed, unless so many have been killed before."""
    return (
        "import os, pathlib, signal\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        f"if len(list(folder.iterdir())) < {while_there_are}:\n"
        "    (folder / str(os.getpid())).touch()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )


def test_a_worker_that_is_killed_while_it_starts_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cluster.HERE, "distributed.worker.preload", [dies(1, tmp_path)])
    with cluster.client_of(1, None) as client:
        assert client.submit(abs, -1).result() == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_workers_that_never_start_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it one line in the end, and not tried for ever?"""
    monkeypatch.setitem(cluster.HERE, "distributed.worker.preload", [dies(99, tmp_path)])
    with pytest.raises(PlatformFault, match="the workers of this machine do not start") as said, ExitStack() as stack:
        stack.enter_context(cluster.client_of(1, None))
    assert "\n" not in str(said.value)
    assert len(list(tmp_path.iterdir())) == cluster.STARTS


@pytest.mark.parametrize("workers", range(1, 9))
def test_cores_are_shared_out(workers: int) -> None:
    """Is each core somebody's, and nobody's share much larger than another's?"""
    cores = [0, 1, 4, 5, 7]
    shares = [share(cores, number, workers) for number in range(workers)]
    assert set().union(*shares) == set(cores)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    if workers <= len(cores):
        assert sum(map(len, shares)) == len(cores)
    else:
        assert all(share == set(cores) for share in shares)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core cannot be shared out")
def test_two_workers_share_no_core() -> None:
    """Neither in what grades nor in the processes it starts, nor after one has been killed and started again?"""

    def cores() -> tuple[set[int], str]:
        return os.sched_getaffinity(0), subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout

    with cluster.client_of(2, None) as client:
        one, two = client.scheduler_info()["workers"]
        before = [client.submit(cores, pure=False, workers=[worker]).result() for worker in (one, two)]
        assert before[0][0].isdisjoint(before[1][0])
        assert before[0][0] | before[1][0] == os.sched_getaffinity(0)
        assert [int(said) for _, said in before] == [len(own) for own, _ in before]
        client.restart()
        after = client.run(os.sched_getaffinity, 0).values()
        assert sorted(map(sorted, after)) == sorted(sorted(own) for own, _ in before)
