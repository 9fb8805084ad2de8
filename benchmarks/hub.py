"""What a JupyterHub with idle single-user servers costs: start, memory, CPU.

``python benchmarks/hub.py [--servers 100] [--idle 60] [--folder FOLDER]`` installs JupyterHub, JupyterLab and
configurable-http-proxy in a folder of their own (a temporary one unless given; it needs PyPI, npm and Node.js), starts
a hub on loopback with the dummy authenticator and local processes, and then starts the servers, a few at a time. At a
quarter, half and all of them it prints memory and the seconds of a start; after that the CPU seconds per minute of
idling. Nobody is connected, and no kernel runs. It starts no more servers once less than 4 GiB of memory are free.

Memory is proportional (PSS): a page that several processes share is divided among them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

HUB = ("jupyterhub==6.1.1", "jupyterlab==4.6.6", "notebook==7.6.5")
PROXY = "configurable-http-proxy@5.3.0"
FREE = 4 << 30
AT_ONCE = 4
LONGEST_S = 180
CONFIG = """
import os
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.cmd = [{singleuser!r}]
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
c.Spawner.start_timeout = c.Spawner.http_timeout = {longest}
c.JupyterHub.services = [{{"name": "measure", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "measure", "services": ["measure"], "scopes": ["admin:users", "admin:servers", "list:users"]}}
]
"""


@dataclass(frozen=True)
class Hub:
    """A running hub: its process, the address of its API, and the token for it."""

    process: psutil.Process
    url: str
    token: str

    def ask(self, method: str, path: str) -> bytes:
        """A request to the hub's API."""
        about = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}{path}", b"" if method == "POST" else None, about, method=method)
        with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
            return bytes(answer.read())

    def start(self, name: str) -> float:
        """Make a user and start the server; the seconds until it is ready.

        Raises
        ------
        TimeoutError
            when it is not ready in time.
        """
        self.ask("POST", f"/users/{name}")
        began = time.monotonic()
        self.ask("POST", f"/users/{name}/server")
        while time.monotonic() - began < LONGEST_S:
            if json.loads(self.ask("GET", f"/users/{name}"))["servers"].get("", {}).get("ready"):
                return time.monotonic() - began
            time.sleep(0.1)
        raise TimeoutError(f"the server of {name} is not ready after {LONGEST_S} s")

    def parts(self) -> dict[str, list[psutil.Process]]:
        """The processes of the hub, of the proxy, and of the servers."""
        below = [(process, " ".join(process.cmdline())) for process in self.process.children(recursive=True)]
        servers = [process for process, command in below if "jupyterhub-singleuser" in command]
        proxy = [process for process, command in below if "configurable-http-proxy" in command]
        return {"hub": [self.process], "proxy": proxy, "servers": servers}


def main() -> None:
    """Install, start, measure, print, end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--idle", type=float, default=60, help="seconds")
    parser.add_argument("--folder", type=Path, help="where the programs are installed, and kept")
    options = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="hub-") as temporary:
        folder = options.folder or Path(temporary)
        install(folder)
        table = Table(title=f"idle servers of {HUB[0]}, {HUB[1]}, {PROXY}, on {os.cpu_count()} cores")
        for column in ("servers", "start s, median", "longest", "from the first, s", "hub MiB", "proxy MiB",
                       "a server MiB", "its own MiB", "free MiB", "load"):  # fmt: skip
            table.add_column(column, justify="right")
        with running(folder, Path(temporary)) as hub:
            fill(hub, options.servers, table)
            console.print(table)
            idle(hub, options.idle, console)


def fill(hub: Hub, servers: int, table: Table) -> None:
    """Start the servers, and add a row at a quarter, half and all of them, or where memory ends."""
    began, taken = time.monotonic(), list[float]()
    rows = {max(1, servers // 4), servers // 2, servers}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while len(taken) < servers:
            enough = psutil.virtual_memory().available > FREE
            if enough:
                here = min(AT_ONCE, min(row for row in rows if row > len(taken)) - len(taken))
                taken += threads.map(hub.start, (f"student{len(taken) + number}" for number in range(here)))
            if len(taken) in rows or not enough:
                row = [
                    str(len(taken)), f"{statistics.median(taken):.1f}", f"{max(taken):.1f}",
                    f"{time.monotonic() - began:.0f}", *memory(hub), f"{os.getloadavg()[0]:.1f}",
                ]  # fmt: skip
                table.add_row(*row)
                print(*row, sep="\t", flush=True)
            if not enough:
                return


def memory(hub: Hub) -> list[str]:
    """Proportional memory of hub, proxy and the median server, the latter's private memory, and what is free."""
    said = {name: [process.memory_full_info() for process in processes] for name, processes in hub.parts().items()}
    figures: list[float] = [sum(one.pss for one in said["hub"]), sum(one.pss for one in said["proxy"])]
    figures += [
        statistics.median(one.pss for one in said["servers"]),
        statistics.median(one.uss for one in said["servers"]),
    ]
    return [f"{figure / 2**20:.1f}" for figure in (*figures, psutil.virtual_memory().available)]


def idle(hub: Hub, seconds: float, console: Console) -> None:
    """Print the CPU time of each part while nothing is asked of it."""

    def used() -> dict[str, float]:
        return {name: sum(sum(p.cpu_times()[:2]) for p in processes) for name, processes in hub.parts().items()}

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    after, minutes = used(), (time.monotonic() - began) / 60
    for name, count in ((name, len(processes)) for name, processes in hub.parts().items()):
        spent = (after[name] - before[name]) / minutes
        console.print(
            f"{name}: {spent:.2f} s of CPU per minute of idling, {count} processes, {spent / count:.3f} s each"
        )


def install(folder: Path) -> None:
    """Install hub and proxy, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv" / "bin" / "python"
    if not python.with_name("jupyterhub").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *HUB], check=True)
    if not (folder / "node_modules" / ".bin" / "configurable-http-proxy").exists():
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), PROXY], check=True)


@contextlib.contextmanager
def running(folder: Path, work: Path) -> Iterator[Hub]:
    """A hub that answers; it ends its servers and its proxy when it is left.

    Raises
    ------
    RuntimeError
        when it does not answer in time; the message has the end of its log.
    """
    programs, token = folder / "venv" / "bin", secrets.token_hex(16)
    port, hub, api = free_ports(3)
    proxy, homes = folder / "node_modules" / ".bin" / "configurable-http-proxy", work / "homes"
    homes.mkdir()
    (work / "jupyterhub_config.py").write_text(
        CONFIG.format(
            port=port, hub=hub, api=api, proxy=str(proxy), homes=f"{homes}/{{username}}", token=token,
            longest=LONGEST_S, singleuser=str(programs / "jupyterhub-singleuser"),
        )
    )  # fmt: skip
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    env["PATH"] = os.pathsep.join((str(programs), env["PATH"]))
    log = work / "hub.log"
    with log.open("wb") as said:
        process = subprocess.Popen([str(programs / "jupyterhub")], cwd=work, env=env, stdout=said, stderr=said)
    made = Hub(psutil.Process(process.pid), f"http://127.0.0.1:{port}/hub/api", token)
    try:
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_S and process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, OSError):
                made.ask("GET", "/users")
                break
            time.sleep(0.2)
        else:
            raise RuntimeError(f"the hub did not start:\n{log.read_text()[-3000:]}")
        yield made
    except Exception:
        print(log.read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        below = made.process.children(recursive=True) if process.poll() is None else []
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        for one in below:  # whatever the hub has left
            with contextlib.suppress(psutil.Error):
                one.kill()
        process.kill()
        process.wait()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


if __name__ == "__main__":
    main()
