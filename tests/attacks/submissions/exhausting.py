"""Time, memory, disk, processes: of the machine, or of whoever reads the answers."""

from __future__ import annotations

import re
import resource
from dataclasses import replace

import pytest
from nbformat import NotebookNode

from autograder.grading.limits import Limit, Limits
from tests.attacks.submissions.base import PATIENCE, Submission

LONGER = replace(PATIENCE, cell=Limit(20, 40))
SHORT = Limits(cell=Limit(1, 3), test=Limit(0.2, 0.6))

FORK_BOMB = """
import time
sleep = ["/bin/sleep", ["sleep", "30"], {}]
children = []
try:
    for _ in range(200):
        children.append(os.posix_spawn(*sleep))
except OSError as error:
    print(error)
time.sleep(1)
if len(children) == 200:
    reached()
"""
FORK_BOMB_FOR_EVER = """
import time
while True:
    try:
        if not os.fork():
            continue
    except OSError:
        time.sleep(0.01)
"""
THREADS = """
import threading, time
many = []
try:
    for _ in range(200):
        many.append(threading.Thread(target=time.sleep, args=(30,), daemon=True))
        many[-1].start()
except RuntimeError as error:
    print(error)
time.sleep(1)
if len(many) == 200:
    reached()
"""
MEMORY = """
tried(lambda: bytearray(600 << 20))
import numpy as np
tried(lambda: np.ones(600 << 17))
"""
MEMORY_OF_MANY = """
import subprocess, time
eat = "x = bytearray(200 << 20); print(1, flush=True); input()"
many = [subprocess.Popen([sys.executable, "-S", "-c", eat], stdin=-1, stdout=-1) for _ in range(4)]
if [p.stdout.read(1) for p in many] == [b"1"] * 4:
    time.sleep(1)
    reached()
"""
SEGMENTS = """
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for n in range(8):
    number = libc.shmget(0, ctypes.c_size_t(100 << 20), 0o1600)
    place = libc.shmat(number, None, 0)
    if place not in (None, ctypes.c_void_p(-1).value):
        ctypes.memset(place, 1, 100 << 20)
        libc.shmdt(ctypes.c_void_p(place))
time.sleep(1)
reached()
"""
SEMAPHORES = """
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
for n in range(300):
    libc.semget(0, 32_000, 0o1600)
time.sleep(1)
reached()
"""
PAGE_TABLES = """
import ctypes, time
import numpy as np
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
size = 400 << 30  # that is 200,000 pages of tables, for memory of which one page in 512 is only read
place = libc.mmap(None, size, 1, 0x4022, -1, 0)
whole = np.frombuffer((ctypes.c_ubyte * size).from_address(place), np.uint8)
whole[:: 2 << 20].sum()
time.sleep(1)
reached()
"""
SOCKETS = """
import subprocess, time
fill = '''
import socket, time
pairs, waiting = [], 0
try:
    while waiting < 25 << 20:
        pairs.append(socket.socketpair())
        for one in pairs[-1]:
            one.setblocking(False)
            try:
                while True:
                    waiting += one.send(bytes(60_000))
            except BlockingIOError:
                pass
except OSError:
    pass  # it may open no more of them
print(1, flush=True)
time.sleep(60)
'''
many = [subprocess.Popen([sys.executable, "-S", "-c", fill], stdout=-1) for _ in range(40)]
if [p.stdout.read(1) for p in many] == [b"1"] * 40:
    time.sleep(1)
    reached()
"""
MEMORY_FILES = """
import time
for n in range(66):
    os.pwrite(os.memfd_create(str(n)), bytes(8 << 20), 0)
time.sleep(1)
reached()
"""
SHARED = """
import mmap, time
many = [mmap.mmap(-1, 8 << 20) for _ in range(90)]
for each in many:
    each[:] = bytes(8 << 20)
time.sleep(1)
reached()
"""
ON_THE_WAY = """
import socket, time
here, there = socket.socketpair()
for n in range(90):
    file = os.memfd_create(str(n))
    os.pwrite(file, bytes(8 << 20), 0)
    socket.send_fds(here, [b"x"], [file])
    os.close(file)
time.sleep(1)
reached()
"""
DISK = """
def fill():
    for n in range(6):
        with open(f"{place}/{n}", "wb") as file:
            file.write(bytes(7 << 20))
for place in ("/tmp", "/dev/shm", os.path.expanduser("~"), "."):
    tried(fill)
"""
INODES = """
def litter():
    for n in range(21_000):
        os.close(os.open(f"/tmp/{n}", os.O_CREAT | os.O_WRONLY))
tried(litter)
"""
LARGE_FILE = """
tried(lambda: open("large", "wb").write(bytes(9 << 20)))
"""
HOSTS_DISK = """
tried(lambda: open("/run/kernel/large", "w").write("x"))
"""
DESCRIPTORS = """
import resource
def open_many():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    return [open("/dev/null") for _ in range(200)]
tried(open_many)
"""
CORE = """
import resource
if resource.getrlimit(resource.RLIMIT_CORE)[1]:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    reached()
"""
MORE_TIME = """
import resource
tried(lambda: resource.setrlimit(resource.RLIMIT_CPU, (9999, 9999)))
"""
MUCH_OUTPUT = """
from IPython.display import HTML, display
print("x" * (10 << 20))
for n in range(1000):
    print(n, "y" * 1000, file=sys.stderr if n % 2 else sys.stdout)
display(HTML("z" * (5 << 20)))
for n in range(200):
    display(n)
"""
OUTPUT_FOR_EVER = """
while True:
    print("x" * 10_000)
"""
LOOP = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
def double(x):
    while isinstance(x, float): pass
    return 4
"""
LOOP_IN_CELL = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
while True:
    try:
        while True: pass
    except BaseException: pass
"""
SLEEP = """
import time
def double(x):
    if not isinstance(x, float): return 4
    time.sleep(10_000)
"""
STOP = """
import signal
def double(x):
    if not isinstance(x, float): return 4
    os.kill(os.getpid(), signal.SIGSTOP)
"""
BACKGROUND = """
import subprocess, time
def double(x):
    for _ in range(2):
        subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"], start_new_session=True)
    time.sleep(10_000)
"""
DYING = """
import threading, time
threading.Thread(target=lambda: (time.sleep(0.05), os._exit(0))).start()
def double(x):
    return 3 * x
"""
CRASH = """
import ctypes
def double(x):
    ctypes.string_at(0)
"""
RECURSION = """
import threading
sys.setrecursionlimit(1 << 30)
threading.stack_size(256 << 20)
def deep(n): return [deep(n + 1)]
def double(x):
    nested = []
    for _ in range(200_000): nested = [nested]
    return nested if isinstance(x, float) else deep(0) if isinstance(x, str) else repr(nested)
"""
RAW = """
import struct
agent, wire = sys.modules["autograder.jail.inside.agent"], sys.modules["autograder.jail.inside.wire"]
packb = wire.msgpack.packb
def frame(head, blob=b""):
    head = head if isinstance(head, bytes) else packb(head)
    return struct.pack(">II", len(head), len(blob)) + head + blob
def evil(n): return {reply}
answer = agent.Agent._answer
def answered(self, request, blob):
    number, operation, keep, args, kwargs = request[1]
    ours = operation == "call" and type(args[1][-1]) is float
    return evil(number) if ours else answer(self, request, blob)
agent.Agent._answer = answered
def double(x): return 2 * x
"""
REPLIES = {
    "a_reply_of_1_GB": 'struct.pack(">II", 10, 1 << 30)',
    "a_reply_of_1_GB_of_structure": 'struct.pack(">II", 1 << 30, 0)',
    "a_reply_nested_10000_deep": 'frame(b"\\x91" * 10_000 + b"\\xc0")',
    "a_reply_of_arrays_that_share_bytes":
        'frame(["t", [n, "ok", ["l", [["a", "|u1", [1 << 20], 0, 1 << 20]] * 5000]]], bytes(1 << 20))',
    "a_reply_that_is_code": 'frame(["t", [n, "ok", ["p", "f", "raise SystemExit"]]])',
    "a_reply_that_is_a_pickle": '__import__("pickle").dumps(print) * 10',
    "half_a_reply": 'struct.pack(">II", 1000, 0)',
}  # fmt: skip
QUICK_REPLIES = {"a_reply_of_1_GB", "a_reply_nested_10000_deep"}
REAL_GIGABYTE = """
import numpy as np
def double(x):
    if isinstance(x, float): return np.zeros(1 << 25)
    return bytes(300 << 20) if isinstance(x, str) else ["x" * 999] * 999_999
"""
DRIP = """
import socket, struct, threading, time
agent = sys.modules["autograder.jail.inside.agent"]
class Slow:
    def __init__(self, stream): self.stream = stream
    def __getattr__(self, name): return getattr(self.stream, name)
    def sendall(self, data):
        for n in range(len(data)):
            self.stream.sendall(data[n:n + 1])
            time.sleep(0.1)
serve = agent.Agent.serve
agent.Agent.serve = lambda self, stream: serve(self, Slow(stream))
"""
LONG_TEXT = """
def double(x):
    raise ValueError("x" * (200 << 20))
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return None
    def put(self, number): raise type("E" * (5 << 20), (Exception,), {})("\\x1b[" * (1 << 20))
    def __len__(self): return 1 << 62
"""
ENDLESS_ITEMS = """
import itertools
def double(x):
    return {n: n for n in range(400_000)} if isinstance(x, float) else [object() for _ in range(200_000)]
"""
LONG_LISTS = """
kernel = get_ipython().kernel
for n in range(30):
    kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": [[]] * 7_500_000},
                        parent=kernel.get_parent())
"""
ONE_LINE = """
print("x" * 200_000)
def double(x):
    if isinstance(x, str):
        raise TypeError("numbers only")
    return 2 * x
"""
MANY_FILES = """
for n in range(3000):
    open(f"file-{n}", "w").write("x" * 100)
os.makedirs("/".join("d" * 200))
os.truncate(os.open("sparse", os.O_CREAT | os.O_WRONLY), 7 << 20)
os.mkfifo("pipe")
"""


def grader_peak() -> int:
    """The most memory that this process has had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def parsed_at_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse every message, however long it is."""
    monkeypatch.setattr("autograder.jail.messages.MAX_CONTENT", 1 << 40)


def quadratic_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for carriage returns as nbclient does."""

    def merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
        for output in outputs:
            if output.output_type == "stream":
                output.text = re.sub(r".*\r(?=[^\n])", "", output.text)
        return outputs

    monkeypatch.setattr("autograder.grading.cell_client.merged", merged)


WASTE = "take more than its jail may have"
SUBMISSIONS = [
    Submission("fork_bomb", WASTE, (FORK_BOMB,), off=("processes_limit",)),
    Submission("fork_bomb_for_ever", "take the machine's processes", (FORK_BOMB_FOR_EVER,), limits=SHORT, slow=True),
    Submission("threads_without_end", WASTE, (THREADS,), slow=True),
    Submission("memory", WASTE, (MEMORY,), off=("memory_limit",)),
    Submission("memory_of_many_processes", WASTE, (MEMORY_OF_MANY,), slow=True, off=("memory_limit",)),
    Submission("shared_memory_that_nobody_attaches", WASTE, (SEGMENTS,), slow=True, off=("memory_limit",)),
    Submission("semaphores_by_the_million", WASTE, (SEMAPHORES,), slow=True, off=("memory_limit",), limits=LONGER),
    Submission("page_tables_of_nothing", WASTE, (PAGE_TABLES,), slow=True, off=("memory_limit",), limits=LONGER),
    Submission("memory_that_waits_in_sockets", WASTE, (SOCKETS,), slow=True, off=("memory_limit",), limits=LONGER),
    Submission("shared_memory_without_a_name", WASTE, (SHARED,), slow=True, off=("memory_limit",), limits=LONGER),
    Submission("files_on_the_way_in_a_socket", WASTE, (ON_THE_WAY,), slow=True, off=("memory_limit",), limits=LONGER),
    Submission("files_in_memory_only", WASTE, (MEMORY_FILES,), slow=True, off=("memory_limit",)),
    Submission("fills_its_file_systems", WASTE, (DISK,), off=("private",)),
    Submission("uses_up_inodes", WASTE, (INODES,), slow=True, off=("inodes",)),
    Submission("writes_a_large_file", WASTE, (LARGE_FILE,), off=("file_size_limit",)),
    Submission("fills_the_hosts_disk", "write where its sockets are", (HOSTS_DISK,), off=("room",)),
    Submission("opens_many_files", WASTE, (DESCRIPTORS,), off=("open_files_limit",)),
    Submission("leaves_core_dumps", WASTE, (CORE,), off=("core_limit",)),
    Submission("gives_itself_more_time", WASTE, (MORE_TIME,), off=("cpu_limit",)),
    Submission("much_output", "make the grader keep what it printed", (MUCH_OUTPUT,),
               reached=lambda seen: len(seen.text) > 3 << 20, limits=replace(PATIENCE, cell=Limit(5, 20)),
               ),
    Submission("prints_one_line_of_many_characters", "cost the grader more than it shows", (ONE_LINE,), earns=3,
               limits=replace(PATIENCE, cell=Limit(5, 20)), reached=lambda seen: seen.seconds > 8,
               slow=True, without=quadratic_streams),
    Submission("messages_of_long_lists", "cost the grader gigabytes for what it does not keep", (LONG_LISTS,),
               limits=replace(PATIENCE, cell=Limit(10, 40)), reached=lambda seen: grader_peak() > 650 << 20, slow=True,
               without=parsed_at_any_length),
    Submission("writes_many_files", "fill the folder of what comes back", (MANY_FILES,)),
    Submission("dies_again_and_again", "keep the grader busy", (DYING,), slow=True),
    Submission("crashes_python", "take more than the test down", (CRASH,)),
    Submission("nests_without_end", "bring the encoder or the grader down", (RECURSION,), slow=True),
    *(Submission(name, "cost the grader memory, run code or hang it", (RAW.replace("{reply}", reply),), earns=1,
                 limits=SHORT, slow=name not in QUICK_REPLIES) for name, reply in REPLIES.items()),
    Submission("answers_of_a_quarter_gigabyte", "cost the grader memory", (REAL_GIGABYTE,), slow=True),
    Submission("endless_items_and_objects", "cost the grader memory or time", (ENDLESS_ITEMS,), slow=True),
    Submission("texts_without_end", "have the grader keep 200 MB of text", (LONG_TEXT,),
               reached=lambda seen: len(seen.text) > 200_000, slow=True),
    Submission("output_for_ever", "hang the grading", (OUTPUT_FOR_EVER,), limits=SHORT, slow=True,
               reached=lambda seen: len(seen.text) > 3 << 20),
    Submission("endless_loop_ignoring_sigint", "hang the grading", (LOOP,), limits=SHORT),
    Submission("endless_loop_in_a_cell_blocking_signals", "hang the grading", (LOOP_IN_CELL,), limits=SHORT, slow=True),
    Submission("sleeps_for_ever", "hang the grading", (SLEEP,), limits=SHORT, slow=True),
    Submission("stops_itself", "hang the grading", (STOP,), limits=SHORT, slow=True),
    Submission("computes_in_the_background", "use time that nobody counts", (BACKGROUND,), slow=True),
    Submission("drips_its_answers", "outlast the limits a byte at a time", (DRIP,), limits=SHORT, slow=True),
]  # fmt: skip
