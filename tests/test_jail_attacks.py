"""Does every attack on the jail fail, and succeed once the protection it aims at is switched off?"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.errors import StudentCrash, StudentError
from autograder.jail.kernel import Kernel, ordinary_kernel
from autograder.jail.warm import WarmJail
from tests.jails import ROOT, as_ordinary_user, can_become_ordinary, jailed, needs_sandbox, run, small_jail

pytestmark = needs_sandbox
CANARY = "cAnArY-in-the-" + "environment"


@dataclass(frozen=True)
class Attack:
    """Source that leaves True in ``result`` when it got what it wanted.

    ``off`` names the protections without which it gets it; none means that an ordinary kernel lets it through.
    """

    name: str
    source: str
    off: tuple[str, ...] = ()


MOUNT = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""
TRY = """
try:
    {body}
    result = True
except (OSError, MemoryError, ValueError):
    result = False
"""


def tried(body: str, before: str = "") -> str:
    """Source that succeeds unless the system refuses."""
    return before + TRY.format(body=body.strip().replace("\n", "\n    "))


ATTACKS = [
    Attack("reads_the_hidden_tests", tried(f"open({str(ROOT / 'tests' / 'jails.py')!r}).read()")),
    Attack("lists_the_project", tried(f"assert os.listdir({str(ROOT / 'autograder')!r})", "import os\n")),
    Attack(
        "reads_the_graders_environment",
        f"""
import glob
result = False
for path in glob.glob("/proc/*/environ"):
    try:
        result = result or {CANARY.encode()!r} in open(path, "rb").read()
    except OSError:
        pass
""",
    ),
    Attack(
        "connects_to_a_service_of_the_host",
        tried("socket.create_connection(('127.0.0.1', {port}), 2)", "import socket\n"),
    ),
    Attack("writes_beside_the_submission", tried("open({outside!r} + '/written', 'w').write('x')")),
    Attack("sees_other_kernels_rooms", "import os\nresult = bool(os.listdir('/run/kernels'))", ("rooms",)),
    Attack(
        "reads_other_kernels_keys",
        "import glob\nrooms = glob.glob('/run/kernels/*/sockets/connection.json')\n"
        "result = any('key' in open(p).read() for p in rooms)",
        ("rooms",),
    ),
    Attack(
        "sees_processes_that_are_not_its_own",
        "import os\nresult = len([n for n in os.listdir('/proc') if n.isdigit()]) > 2",
        ("processes",),
    ),
    Attack("fills_the_hosts_disk", tried("open('/run/kernel/big', 'w').write('x')"), ("room",)),
    Attack(
        "mounts",
        MOUNT + "result = libc.mount(b'tmpfs', b'/home', b'tmpfs', 0, b'') == 0",
        ("capabilities",),
    ),
    Attack(
        "makes_a_user_namespace",
        "import subprocess\nresult = subprocess.run(['unshare', '--user', 'true']).returncode == 0",
        ("user",),
    ),
    Attack(
        "gets_capabilities_by_exec",
        "import subprocess\n"
        "said = subprocess.run(['cat', '/proc/self/status'], capture_output=True, text=True).stdout\n"
        "result = 'CapEff:\\t0000000000000000' not in said",
        ("capabilities",),
    ),
    Attack(
        "looks_into_init",
        tried("open('/proc/1/environ', 'rb').read()\nopen('/proc/1/mem', 'rb')"),
        ("user", "capabilities"),
    ),
    Attack(
        "raises_its_limits",
        tried("resource.setrlimit(resource.RLIMIT_CPU, (9999, 9999))", "import resource\n"),
        ("cpu_limit",),
    ),
    Attack("takes_memory", tried("x = bytearray(700 << 20)"), ("memory_limit",)),
    Attack(
        "takes_memory_in_many_processes",
        "import subprocess, sys, time\n"
        "many = [subprocess.Popen([sys.executable, '-c', 'x = bytearray(200 << 20); print(1, flush=True); input()'],"
        " stdin=-1, stdout=-1) for _ in range(4)]\n"
        "result = [p.stdout.read(1) for p in many] == [b'1'] * 4\ntime.sleep(1)",
        ("memory_limit",),
    ),
    Attack("writes_a_large_file", tried("open('big', 'wb').write(bytes(9 << 20))"), ("file_size_limit",)),
    Attack(
        "opens_many_files",
        tried(
            "resource.setrlimit(7, (resource.getrlimit(7)[1],) * 2)\nx = [open('/dev/null') for _ in range(200)]",
            "import resource\n",
        ),
        ("open_files_limit",),
    ),
    Attack(
        "starts_many_processes",
        tried(
            "sleep = ['/bin/sleep', ['sleep', '30'], {}]\n"
            "many = [os.posix_spawn(*sleep) for _ in range(200)]\ntime.sleep(1)",
            "import os, time\n",
        ),
        ("processes_limit",),
    ),
    Attack(
        "fills_tmp",
        tried("for n in range(6):\n    open(f'/tmp/{n}', 'wb').write(bytes(7 << 20))"),
        ("private",),
    ),
    Attack("writes_where_python_is", tried(f"open({sys.prefix!r} + '/lib/attack.py', 'w')")),
    Attack("changes_the_root", tried("open('/etc/attack', 'w')")),
    Attack("changes_the_machine", tried("open('/proc/sys/kernel/core_pattern', 'w').write('x')")),
    Attack(
        "makes_a_device",
        tried("os.mknod('/tmp/disk', 0o60600, os.makedev(254, 0))\nopen('/tmp/disk', 'rb')", "import os\n"),
    ),
]
NO_SWITCH = {"writes_where_python_is", "changes_the_root", "changes_the_machine", "makes_a_device"}
"""Tried where they fail only: as a success they would harm the machine that runs this test."""


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with small_jail() as made:
        yield made


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    """A port of this machine that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def source_of(attack: Attack, port: int, outside: Path) -> str:
    return attack.source.replace("{port}", str(port)).replace("{outside!r}", repr(str(outside)))


def succeeds(kernel: Kernel, source: str) -> bool:
    try:
        return run(kernel, source) is True
    except StudentCrash:
        return False  # the jail was ended for it


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_attack_fails(
    jail: WarmJail, attack: Attack, service: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jailed(jail) as kernel, jailed(jail) as neighbour:
        try:
            assert not succeeds(kernel, source_of(attack, service, tmp_path))
        except StudentError as error:
            pytest.fail(f"the attack itself is wrong: {error}\n{error.traceback}")
        assert run(neighbour, "result = 1 + 1") == 2, "nobody else notices"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.off], ids=lambda attack: attack.name)
def test_the_attack_succeeds_without_its_protection(
    jail: WarmJail, attack: Attack, service: int, tmp_path: Path
) -> None:
    with jailed(jail), jailed(jail, off=attack.off) as kernel:
        assert succeeds(kernel, source_of(attack, service, tmp_path))


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if not a.off and a.name not in NO_SWITCH], ids=lambda attack: attack.name
)
def test_the_attack_succeeds_in_an_ordinary_kernel(attack: Attack, service: int, tmp_path: Path) -> None:
    os.environ["CANARY"] = CANARY
    kernel = ordinary_kernel(None)
    try:
        source = source_of(attack, service, tmp_path)
        if attack.name == "reads_the_graders_environment":
            # what a process was started with, not what it set since: a child of ours stands in for the grader
            import subprocess

            with subprocess.Popen(["sleep", "60"]) as grader:
                assert succeeds(kernel, source)
                grader.kill()
        else:
            assert succeeds(kernel, source)
    finally:
        kernel.kill()
        del os.environ["CANARY"]


@pytest.mark.slow
@pytest.mark.skipif(not can_become_ordinary(), reason="only root can run them as somebody else")
def test_all_this_as_an_ordinary_user() -> None:
    files = ["tests/test_jail_attacks.py", "tests/test_jail_kernel.py"]
    done = as_ordinary_user([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *files])
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
