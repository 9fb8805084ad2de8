"""Living on: processes that outlast the grading, and what is left for the next student."""

from __future__ import annotations

import contextlib
import os

import psutil

from tests.attacks.submissions.base import JAIL, REACHED, Seen, Submission

MARK = f"27.{os.getpid()}"
"""Seconds that its processes sleep: by this one knows them, also from those of another run of these tests."""
DAEMON = f"""
import signal, time
if not os.fork():
    os.setsid()
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if not os.fork():
        os.execvp("sleep", ["sleep", "{MARK}"])
    os._exit(0)
os.wait()
time.sleep(0.2)
"""

CRON = """
import subprocess, threading, time
subprocess.Popen(["nohup", "setsid", "sleep", "MARK"], stdin=-3, stdout=-3, stderr=-3, start_new_session=True)
def again():
    while True:
        try:
            os.posix_spawnp("sleep", ["sleep", "MARK"], {})
        except OSError:
            pass
        time.sleep(0.1)
threading.Thread(target=again).start()
def double(x):
    os._exit(0)
""".replace("MARK", MARK)

PLACES = """
places = ["/tmp", "/dev/shm", "/var/tmp", "/run/kernel", "/run/lock", os.path.expanduser("~"), ".",
          os.environ.get("MPLCONFIGDIR", "/tmp"), os.environ.get("IPYTHONDIR", "/tmp")]
"""
LEAVES = (
    PLACES
    + """
for place in places:
    try:
        os.makedirs(place, exist_ok=True)
        open(os.path.join(place, "left-behind"), "w").write("x")
    except OSError:
        pass
"""
)
LOOKS = (
    PLACES
    + """
for place in places:
    if os.path.exists(os.path.join(place, "left-behind")):
        reached(place)
"""
)

STARTUP = """
home, broken = os.path.expanduser("~"), "import builtins; builtins.sum = builtins.isinstance = lambda *a: 0"
for path in (".ipython/profile_default/startup/00.py", ".local/lib/python3/site-packages/usercustomize.py",
             ".pythonrc.py", ".ipython/profile_default/ipython_config.py", "work/sitecustomize.py", ".bashrc"):
    os.makedirs(os.path.dirname(os.path.join(home, path)), exist_ok=True)
    open(os.path.join(home, path), "w").write(broken)
import site
for folder in site.getsitepackages():
    try:
        open(os.path.join(folder, "poison.pth"), "w").write(broken)
        reached(folder)
    except OSError:
        pass
"""

SHARED = """
import ctypes, numpy
libc = ctypes.CDLL(None, use_errno=True)
number = libc.shmget(271828, 4096, 0o666)
if number >= 0:
    reached("shared memory of the student before")
queue = libc.msgget(271828, 0o666)
if queue >= 0:
    reached("a message queue of the student before")
libc.shmget(271828, 4096, 0o1666)
libc.msgget(271828, 0o1666)
"""

KEYS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for ring in (-4, -5, -3):
    if libc.syscall(250, 10, ring, b"user", b"left-behind", 0) >= 0:
        reached("a key of the student before", ring)
for ring in (-4, -5, -3):
    libc.syscall(248, b"user", b"left-behind", b"x", 1, ring)
"""

WARM = """
import numpy, msgpack, json, random
for module in (numpy, json, random, msgpack):
    module.left_behind = True
json.dumps = random.random = msgpack.packb = msgpack.unpackb = numpy.isclose = lambda *a, **k: 0
"""
WARM_LEFT = """
import json, numpy, random
if any(hasattr(module, "left_behind") for module in (json, numpy, random)) or json.dumps([1]) != "[1]":
    reached()
"""

RANDOM = """
import random, numpy
random.seed(1); numpy.random.seed(1)
os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = os.path.abspath(".")
os.chdir("/tmp"); os.umask(0o777); os.nice(19)
import signal, resource
signal.signal(signal.SIGINT, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
"""


def lives_on(seen: Seen) -> bool:
    """Whether something it started still runs; it does not after this."""
    left = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", MARK]]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return bool(left) or REACHED in seen.printed


SUBMISSIONS = [
    Submission("a_daemon", "have a process outlive the grading", (DAEMON,), reached=lives_on, off=(JAIL,)),
    Submission("processes_started_for_ever", "have a process outlive its kernel", (CRON,), reached=lives_on, slow=True),
    Submission("files_for_the_next", "leave the next student a file", (LEAVES,), then=LOOKS, off=("private",)),
    Submission("start_up_files_for_the_next", "run code in the next student's kernel", (STARTUP,), earns=0),
    Submission(
        "shared_memory_for_the_next", "leave the next student shared memory", (SHARED,), then=SHARED, off=("ipc",)
    ),
    Submission(
        "keys_for_the_next",
        "leave the next student a key of the kernel's",
        (KEYS,),
        then=KEYS,
        slow=True,
        off=("user",),
    ),
    Submission("patched_libraries_for_the_next", "patch the warm process", (WARM,), then=WARM_LEFT, slow=True),
    Submission("environment_and_limits_for_the_next", "change the next student's limits", (RANDOM,)),
]
