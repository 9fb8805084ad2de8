"""What is hidden: tests, expected values, the seed, the gradebook, others' work – and feedback as a way to see them."""

from __future__ import annotations

from autograder.grading.limits import Limit, Limits
from tests.attacks import sources
from tests.attacks.submissions.base import JAIL, Seen, Submission
from tests.support import tiny

TELL = "for where in sorted(FOUND): reached(where)"
MEMORY = sources.SEARCH.replace("{patterns!r}", '[p for p in W["secrets"]]').replace("{{", "{").replace("}}", "}")

FRAMES_AND_OBJECTS = """
import gc
FOUND = set()
def search():
    for top in sys._current_frames().values():
        while top is not None:
            for name, value in list(top.f_locals.items()) + list(top.f_globals.items()):
                look_in(f"frame {top.f_code.co_name}", name, value)
            top = top.f_back
    for thing in gc.get_objects():
        if type(thing) in (dict, list, tuple, set):
            for part in list(thing.items() if type(thing) is dict else thing):
                look_in("gc", part)
    for name, module in list(sys.modules.items()):
        if name.startswith(("autograder", "tests", "pytest")) and name not in OURS:
            FOUND.add(name)
def look_in(where, *values):
    for value in values:
        if type(value) in (str, bytes, tuple, float) and value is not W and "secrets" not in str(value)[:200]:
            if any(re.search(p.encode(), repr(value).encode("utf-8", "replace")) for p in W["secrets"]):
                FOUND.add(where)
INSIDE = "autograder.jail.inside"
OURS = (
    "autograder", "autograder.jail", INSIDE, f"{INSIDE}.values", f"{INSIDE}.stream", f"{INSIDE}.encode",
    f"{INSIDE}.decode", f"{INSIDE}.wire", f"{INSIDE}.frameworks", f"{INSIDE}.dress", f"{INSIDE}.data",
    f"{INSIDE}.figures", f"{INSIDE}.tracebacks", f"{INSIDE}.agent",
)
def double(x):
    search()
    return x + x
"""

PROC = """
import glob
def readable(pattern):
    for path in glob.glob(pattern):
        try:
            look(path, open(path, "rb").read(1 << 20))
        except OSError:
            pass
for name in ("environ", "cmdline", "cwd/*", "root/home/*", "task/*/environ"):
    readable(f"/proc/[0-9]*/{name}")
"""

ENVIRONMENT = """
look("environment", repr(dict(os.environ)).encode())
look("own", open("/proc/self/environ", "rb").read())
"""

DESCRIPTORS = """
import fcntl, stat
for number in range(3, 1024):
    try:
        path = os.readlink(f"/proc/self/fd/{number}")
        kind = os.fstat(number).st_mode
    except OSError:
        continue
    if stat.S_ISREG(kind) and path.startswith(tuple(W["hidden"]) + (W["project"],)):
        reached(path)
    if stat.S_ISREG(kind):
        try:
            look(path, os.pread(number, 1 << 20, 0))
        except OSError:
            pass
    if stat.S_ISDIR(kind):
        reached("an open folder", path)
"""

WIRE = """
wire = sys.modules["autograder.jail.inside.wire"]
heard, receive = [], wire.receive
def listen(stream):
    head, blob = receive(stream)
    heard.append(repr(head).encode() + bytes(blob))
    return head, blob
wire.receive = listen
def double(x):
    return 2 * x
"""
HEARD = """
assert len(heard) > 5
for message in heard:
    look("wire", message)
    if b"Numbers are doubled" in message or b"x + x will do" in message or b"test_" in message:
        reached("a title, a hint or the name of a test")
"""

FILES = """
for path in W["hidden"]:
    try:
        look(path, open(path, "rb").read())
    except OSError:
        pass
for top in (W["project"], os.path.dirname(W["graders"]), "/root", "/home", "/work", "/srv", "/mnt", "/var", "/opt"):
    for folder, folders, names in os.walk(top):
        for name in names:
            if name.startswith("test_") and ("define_by_run" in folder or "attacks" in folder) or name == "tiny.ipynb":
                reached(folder, name)
"""

FEEDBACK = """
line = {line}
source = "\\n" * (line - 1) + "def double(x): raise ValueError('look above')"
exec(compile(source, W["graders"], "exec"))
"""
_LINE = 1 + tiny.DOUBLE.splitlines().index(f'CANARY = "{tiny.CANARY}"')

ROOMS = """
import glob, json
for path in glob.glob("/run/kernels/*/sockets/connection.json"):
    if json.load(open(path))["key"]:
        reached(path)
"""

PROCESSES = """
if len([name for name in os.listdir("/proc") if name.isdigit()]) > 2:
    reached(os.listdir("/proc"))
"""

INIT = """
def into():
    open("/proc/1/environ", "rb").read()
    open("/proc/1/mem", "rb")
tried(into)
"""


def shown(seen: Seen) -> bool:
    """Whether what its author reads holds a hidden line."""
    return tiny.CANARY in seen.text


SUBMISSIONS = [
    Submission("searches_frames_and_objects", "find a test's values or modules", (FRAMES_AND_OBJECTS, "", TELL),
               earns=2),
    Submission("searches_its_memory", "find a hidden value in any byte it can read", (MEMORY, "", TELL), earns=2,
               limits=Limits(cell=Limit(5, 20), test=Limit(5, 20)), slow=True),
    Submission("reads_proc", "read the environment, files or memory of other processes", (PROC,), off=(JAIL,)),
    Submission("reads_its_environment", "find the course's seed", (ENVIRONMENT,)),
    Submission("reads_open_descriptors", "find a file or folder of the grader's open", (DESCRIPTORS,)),
    Submission("listens_to_the_wire", "hear an expected value, a source, a title or a hint", (WIRE, "", HEARD),
               earns=2),
    Submission("reads_files_of_the_machine", "read tests, gradebook, the project or other submissions", (FILES,),
               off=(JAIL,)),
    Submission("has_feedback_quote_a_hidden_test", "have a traceback show a line of a hidden file",
               (FEEDBACK.format(line=_LINE),), reached=shown, off=(JAIL,)),
    Submission("reads_other_kernels_keys", "read the key of another student's kernel", (ROOMS,), off=("rooms",)),
    Submission("sees_other_processes", "see a process that is not its own", (PROCESSES,), off=("processes",)),
    Submission("looks_into_init", "read the memory of the process that guards it", (INIT,),
               off=("user", "capabilities")),
]  # fmt: skip
