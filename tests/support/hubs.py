"""A JupyterHub with its users on a machine of its own, from the files of the documentation, on loopback."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.hub import free_ports
from tests.support.machines import PYTHON, Machine
from tests.support.paths import ROOT
from tests.support.wheels import build_wheel, copy_repository

DOCS = ROOT / "docs" / "jupyterhub"
PASSWORD = "one password for all who are made up"
STARTS_S = 600
INSTRUCTORS, STUDENTS = ("instructor1", "instructor2"), ("student1", "student2")
CONFIG = """
load_subconfig("{config}", path="/srv/jupyterhub")
c = get_config()
c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}", "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
ports = iter({services})
if "services" in c.JupyterHub:
    c.JupyterHub.services = c.JupyterHub.services.get_value([])
    for service in c.JupyterHub.services:
        service["url"] = f"http://127.0.0.1:{{next(ports)}}"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = {longest}
"""
"""What the test sets beside the configuration of the documentation: ports, who is let in, patience."""


def require_registries(folder: Path) -> None:
    """Skip where nothing can be installed: a want of a network says nothing about the hub."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm and Node.js are not installed, which the hub's proxy needs")
    ask = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), "jupyterhub==0"]
    said = subprocess.run(ask, capture_output=True, text=True, check=False).stderr
    if "5.5" not in said:  # the versions that there are
        pytest.skip(f"PyPI does not answer: {said.strip().splitlines()[-1:]}")


@dataclass(frozen=True)
class Hub:
    """One that answers: its address, its machine, and where it logs."""

    url: str
    machine: Machine
    log: Path


def install(machine: Machine, folder: Path, version: str) -> None:
    """What install.sh installs, with this version of JupyterHub and a wheel of this platform, and the users."""
    repository = folder / "repository"
    repository.mkdir()
    wheel = build_wheel(copy_repository(repository), folder / "wheels")
    shutil.copytree(DOCS, machine.srv / "docs")
    shutil.copy(wheel, machine.srv)
    shutil.copy(ROOT / "constraints.txt", machine.srv)
    where = {"PYTHON": PYTHON, "CONSTRAINTS": "/srv/constraints.txt"}
    machine.run("sh", "/srv/docs/install.sh", f"/srv/{wheel.name}", version, environment=where)
    machine.add_user(*INSTRUCTORS, *STUDENTS)


@contextmanager
def running_hub(machine: Machine, config: str) -> Iterator[Hub]:
    """A hub with one of the documentation's configurations, until it is left; its servers end with it."""
    port, hub, api, *services = free_ports(7)
    for name in (config, "courses.py"):
        shutil.copy(DOCS / name, machine.srv / "jupyterhub")
    (machine.srv / "jupyterhub" / "for_this_test.py").write_text(
        CONFIG.format(
            config=config, port=port, hub=hub, api=api, services=services, password=PASSWORD, longest=STARTS_S
        )
    )
    log = machine.srv / "jupyterhub" / "hub.log"
    command = "cd /srv/jupyterhub && echo $$ > hub.pid && exec bin/jupyterhub --config for_this_test.py"
    process = _start(machine, command, log)
    try:
        end = time.monotonic() + STARTS_S
        while not _answers(f"http://127.0.0.1:{port}/hub/health", process):
            assert time.monotonic() < end, f"the hub did not start:\n{log.read_text()[-5000:]}"
            machine.end_all()  # 5.5 ends when a service takes longer than it waits, and leaves that one on its port
            process = _start(machine, command, log)
        yield Hub(f"http://127.0.0.1:{port}", machine, log)
    finally:
        # the process that was started here only waits for it; the hub ends its servers and services
        machine.run("sh", "-c", "kill $(cat /srv/jupyterhub/hub.pid)", status=None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STARTS_S)
        machine.end_all()
        process.kill()
        process.wait()


def _start(machine: Machine, command: str, log: Path) -> subprocess.Popen[bytes]:
    path = "/srv/jupyterhub/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with log.open("a") as said:
        return subprocess.Popen(
            machine.line("sh", "-c", command), env={"PATH": path, "HOME": "/root", "LANG": "C.UTF-8"},
            stdout=said, stderr=said,
        )  # fmt: skip


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether the hub answers in time, and has not ended before."""
    end = time.monotonic() + STARTS_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=10):
            return True
        time.sleep(1)
    return False
