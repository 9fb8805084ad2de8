"""Out of the jail: files, mounts, processes, sockets and devices of the machine's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbformat import NotebookNode

from autograder.notebook import files
from tests.attacks.submissions.base import JAIL, REACHED, Seen, Submission

if TYPE_CHECKING:
    from tests.attacks.world import World

LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"

OUTSIDE = """
for place in (W["outside"] + "/written", W["graders"], "../../../../../.." + W["outside"] + "/relative"):
    tried(lambda: open(place, "a").write("x"))
"""

MOUNTS = (
    LIBC
    + """
os.makedirs("/tmp/here", exist_ok=True)
attempts = [(b"tmpfs", b"/home", b"tmpfs", 0), (b"/", b"/tmp/here", None, 4096 | 16384),
            (b"/dev/sda1", b"/tmp/here", b"ext4", 0), (b"none", b"/", None, 32 | 4096),
            (b"proc", b"/tmp/here", b"proc", 0), (b"overlay", b"/tmp/here", b"overlay", 0)]
for source, target, kind, flags in attempts:
    if libc.mount(source, target, kind, ctypes.c_ulong(flags), None) == 0:
        reached("mount", source)
for name, arguments in (("umount2", (b"/run/kernels", 2)), ("chroot", (b"/tmp",)), ("pivot_root", (b"/tmp", b"/tmp"))):
    if libc.syscall(155, *arguments) == 0 if name == "pivot_root" else getattr(libc, name)(*arguments) == 0:
        reached(name)
"""
)

NAMESPACES = (
    LIBC
    + """
for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000):
    if libc.unshare(flag) == 0:
        reached("unshare", hex(flag))
for name in os.listdir("/proc/1/ns") if os.access("/proc/1/ns", os.R_OK) else ():
    try:
        if libc.setns(os.open(f"/proc/1/ns/{name}", os.O_RDONLY), 0) == 0:
            reached("setns", name)
    except OSError:
        pass
"""
)

USER = """
import subprocess
if subprocess.run(["unshare", "--user", "true"]).returncode == 0:
    reached()
"""

PTRACE = (
    LIBC
    + """
import signal
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
for pid in {1, os.getppid(), *others}:
    if libc.ptrace(0x4206, pid, None, None) == 0:
        reached("ptrace", pid)
        libc.ptrace(17, pid, None, None)
    try:
        open(f"/proc/{pid}/mem", "rb")
        reached("mem", pid)
    except OSError:
        pass
"""
)

SIGNALS = """
import signal
before = os.getppid()
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL, signal.SIGSTOP):
    try:
        os.kill(1, number)
    except OSError:
        pass
print("still here")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(-1, signal.SIGTERM)
"""

CAPABILITIES = """
import subprocess
said = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout
if "CapEff:\\t0000000000000000" not in said:
    reached(said)
for command in (["su", "-c", "true"], ["sudo", "-n", "true"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
    try:
        if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=3).returncode == 0:
            if command[0] != "su":
                reached(command)
    except (OSError, subprocess.TimeoutExpired):
        pass
"""

CONNECTS = """
import socket
def internet(host, port):
    return lambda: socket.create_connection((host, port), 1).close()
def local(path):
    def attempt():
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(1)
            s.connect(path)
    return attempt
tried(internet("127.0.0.1", W["port"]))
tried(local(W["abstract"]))
"""

INTERNET = """
import socket
for address in (("192.0.2.1", 80), ("10.0.0.1", 53), ("169.254.169.254", 80)):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(address)
        reached("a route to", address)
    except OSError:
        pass
"""

CONNECTION_FILES = """
import glob, json, socket
own = {os.path.realpath(p) for p in glob.glob("/run/kernel/*")}
for pattern in ("/run/kernels/*/sockets/*", "/run/user/*/jupyter/*", "/tmp/ag-*/rooms/*/*/*",
                os.path.expanduser("~/.local/share/jupyter/runtime/*"), "/root/.local/share/jupyter/runtime/*"):
    for path in glob.glob(pattern):
        reached(path)
"""

PARENTS_SOCKETS = """
import glob, socket, stat
for path in glob.glob("/run/kernel/*"):
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(0.3)
            s.connect(path)
            if path.endswith("agent"):
                reached("a second line to the grader")
    except OSError:
        pass
for line in open("/proc/net/unix").read().splitlines()[1:]:
    name = line.split()[-1]
    if "/" in name and not name.startswith("/run/kernel/"):
        try:  # the far end of its own line is listed by the name that it has on the machine
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(0.3)
                s.connect(name)
            reached("a socket of somebody else", name)
        except OSError:
            pass
for number in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            with socket.socket(fileno=os.dup(number)) as s:
                if s.type == socket.SOCK_SEQPACKET:
                    reached("the line to the warm process", number)
    except OSError:
        pass
"""

DEVICES = """
import stat
tried(lambda: (os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0)), open("/tmp/disk", "rb")))
tried(lambda: os.mknod("/tmp/memory", 0o20600, os.makedev(1, 1)))
for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/proc/kcore",
             "/proc/keys", "/proc/kmsg", "/proc/sysrq-trigger"):
    try:
        if open(path, "rb", 0).read(1):
            reached(path)
    except OSError:
        pass
"""

SETTINGS = """
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/pid_max", "/proc/sys/user/max_user_namespaces",
             "/sys/fs/cgroup/cgroup.procs", "/proc/1/oom_score_adj"):
    tried(lambda: open(path, "w").write("1"))
"""

ENVIRONMENT = """
import numpy
places = (sys.prefix + "/lib/attack.py", os.path.dirname(numpy.__file__) + "/attack.py", sys.executable, "/etc/attack",
          "/usr/attack", "/run/attack", "/run/kernel/attack", "/dev/attack", "/lib/attack", "/attack")
for place in places:
    tried(lambda: open(place, "ab").write(b""))
"""

LINKS = """
for name in ("data.txt", "folder/test_double.py", "hard.txt"):
    try:
        look(name, open(name, "rb").read())
    except OSError:
        pass
os.symlink(W["outside"], "way_out")
try:
    open("way_out/written", "w").write("x")
    reached()
except OSError:
    pass
"""


def links(folder: Path, world: World) -> None:
    """Links to what is hidden, as data of the notebook."""
    (folder / "data.txt").symlink_to(world.sprint.graders / "test_double.py")
    (folder / "folder").symlink_to(world.sprint.graders)
    (folder / "out").symlink_to(world.outside)


def links_followed(patch: pytest.MonkeyPatch) -> None:
    """Copy what a link points at, as copying does when nothing is said."""

    def following(folder: Path, limit: int = 0) -> Iterator[Path]:
        return (path.relative_to(folder) for path in folder.rglob("*.txt") if path.is_file())

    patch.setattr(files, "regular_files", following)
    patch.setattr(files, "_copy_if_free", lambda source, target: shutil.copyfile(source, target))


def absolute_names(nb: NotebookNode) -> NotebookNode:
    """Names in the notebook's data that lead out of its folder."""
    from nbformat.v4 import new_markdown_cell

    picture = {"image/png": "iVBORw0KGgo="}
    names = ("/tmp/attachment.png", "../../outside/attachment.png", "../outside/a")
    nb.cells.insert(0, new_markdown_cell("![x](attachment:x)", attachments=dict.fromkeys(names, picture)))
    nb.metadata["jupytext"] = {"formats": "../outside//py:percent,ipynb"}
    nb.metadata["name"] = nb.metadata["path"] = "../outside/x"
    return nb


def wrote(seen: Seen) -> bool:
    """Whether there is a file on the machine that it made, or it says that it read one."""
    return bool(list(seen.world.outside.iterdir())) or REACHED in seen.printed


SUBMISSIONS = [
    Submission("writes_outside", "write a file of the machine's", (OUTSIDE,), reached=wrote, off=(JAIL,)),
    Submission("mounts", "change what it sees", (MOUNTS,), off=("capabilities",)),
    Submission("makes_and_joins_namespaces", "get rights in a namespace", (NAMESPACES,), off=("capabilities",)),
    Submission("makes_a_user_namespace", "be root in a namespace of its own", (USER,), off=("user",)),
    Submission("traces_other_processes", "trace init or anybody else", (PTRACE,), off=("user", "capabilities")),
    Submission("kills_everything_in_sight", "end its guard or the grader", (SIGNALS,)),
    Submission("gets_capabilities_by_exec", "have a right that it was not given", (CAPABILITIES,),
               off=("capabilities",)),
    Submission("connects_to_services_of_the_machine", "reach loopback or an abstract socket", (CONNECTS,),
               off=(JAIL,)),
    Submission("goes_to_the_internet", "have a way out", (INTERNET,)),
    Submission("looks_for_connection_files", "find another kernel's connection file", (CONNECTION_FILES,),
               off=("rooms",)),
    Submission("connects_to_the_parents_sockets", "talk to the grader or the warm process", (PARENTS_SOCKETS,)),
    Submission("makes_and_opens_devices", "read a disk or the machine's memory", (DEVICES,)),
    Submission("changes_settings_of_the_machine", "set anything in /proc/sys or /sys", (SETTINGS,)),
    Submission("changes_the_environment_of_all", "write where Python or the system lies", (ENVIRONMENT,)),
    Submission("links_out_of_its_folder", "have a link followed, in or out", (LINKS,), beside=links, reached=wrote,
               off=(JAIL,), without=links_followed),
    Submission("names_with_absolute_paths", "have a name in the notebook lead out of its folder", (),
               absolute_names, reached=wrote),
]  # fmt: skip
