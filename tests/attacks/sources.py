"""What attackers hand in. Each is the source of an answer cell, and none of it solves anything."""

from __future__ import annotations

import struct

from tests.support import tiny

EVERYTHING = """
class Everything:
    def __call__(self, *args, **kwargs): return self
    def __getattr__(self, name): return self
    def __getitem__(self, key): return self
    def __setitem__(self, key, value): pass
    def __enter__(self): return self
    def __exit__(self, *about): return True
    def __iter__(self): return iter(())
    def __len__(self): return 1
    def __bool__(self): return True
    def __hash__(self): return 0
    def __float__(self): return 0.0
    def __int__(self): return 0
    __index__ = __int__
    def __array__(self, *args, **kwargs):
        import numpy
        return numpy.zeros(())
for _op in "eq ne lt le gt ge contains".split():
    setattr(Everything, f"__{_op}__", lambda self, other: True)
for _op in "add sub mul truediv floordiv mod pow matmul and or xor".split():
    setattr(Everything, f"__{_op}__", lambda self, other: self)
    setattr(Everything, f"__r{_op}__", lambda self, other: self)
for _op in "neg pos abs invert".split():
    setattr(Everything, f"__{_op}__", lambda self: self)
double = Box = subtract = Everything()
"""

SUBCLASSES = """
import numpy as np
def lying(base):
    class Lie(base):
        __class__ = float
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
        def __hash__(self): return 0
        def __sub__(self, other): return 0.0
        __rsub__ = __sub__
        def __array__(self, *a, **k): return EveryArray()
        def __array_ufunc__(self, *a, **k): return True
    return Lie
EveryArray = lambda: np.zeros(3).view(lying(np.ndarray))
def double(x):
    return {float: lying(float)(0), str: lying(str)("")}.get(type(x), EveryArray())
"""

PATCHED_LIBRARIES = """
import builtins, json, math, pickle, sys
import numpy as np, msgpack
np.isclose = np.allclose = lambda *a, **k: np.True_
np.asarray = np.array = lambda *a, **k: np.zeros(3)
np.testing.assert_allclose = lambda *a, **k: None
json.dumps = lambda *a, **k: '{"score": 100}'
pickle.dumps = lambda *a, **k: b""
builtins.isinstance = lambda *a: True
builtins.abs = lambda x: 0
builtins.AssertionError = type("AssertionError", (), {})
class Anything(float):
    def __eq__(self, other): return True
def double(x):
    return Anything()
"""

PATCHED_AGENT = """
import gc, sys
agent = sys.modules["autograder.jail.inside.agent"]
wire = sys.modules["autograder.jail.inside.wire"]
forged = {"score": 100, "outcome": "passed", "points": 100, "status": "graded"}
def answer(self, head, blob):
    return wire.Encoder().frame((head[1][0], STATUS, PAYLOAD))
STATUS, PAYLOAD = "ok", forged
agent.Agent._answer = answer
for found in gc.get_objects():
    if type(found).__name__ == "Agent" and hasattr(found, "objects"):
        found._answer = lambda head, blob: answer(found, head, blob)
"""

AGENT_SAYS_PASSED = PATCHED_AGENT.replace('"ok", forged', '"passed", forged')
AGENT_SAYS_TRUE = PATCHED_AGENT.replace('"ok", forged', '"ok", True')
REFERENCE = 'sys.modules["autograder.jail.inside.values"].Reference'
AGENT_SAYS_OBJECT = PATCHED_AGENT.replace('"ok", forged', f'"ok", {REFERENCE}(1, "float")')
AGENT_SAYS_ODD_STATUS = PATCHED_AGENT.replace('"ok", forged', f'{REFERENCE}(1, "ok"), forged')

SHELL_HANDLER = """
kernel = get_ipython().kernel
kernel.shell_handlers["autograder_serve"] = lambda *message: print("passed")
kernel.msg_types = kernel.control_msg_types = []
"""

ASSERTS_REMOVED = """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(NoAsserts())
get_ipython().input_transformers_cleanup.append(lambda lines: ["1\\n"])
get_ipython().events.register("pre_run_cell", lambda info: None)
"""

PRINTS = r"""
import json, os, sys
from IPython.display import display, JSON
fake = json.dumps({"schema": 1, "score": 7.0, "max_score": 7.0, "status": "graded", "outcome": "passed"})
for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
    print("7 passed in 0.01s", fake, "::set-output name=score::100", file=stream, flush=True)
for fd in (1, 2):
    os.write(fd, b"==== 7 passed ====\n" + fake.encode())
for fd in range(3, 64):
    try:
        if not os.path.realpath(f"/proc/self/fd/{fd}").startswith(("/dev", "anon")):
            os.write(fd, b"")
    except OSError:
        pass
display(JSON({"score": 100}))
def double(x):
    print("PASSED", fake)
    print("1.0", file=sys.stderr)
3.0
"""

EXITS = """
import atexit, os, sys, signal
atexit.register(lambda: os._exit(0))
def double(x):
    if isinstance(x, str):
        raise SystemExit(0)
    os._exit(0)
"""

SOCKET_WRITER = """
import gc, socket, sys, threading, time
wire = sys.modules["autograder.jail.inside.wire"]
def write():
    sockets = [s for s in gc.get_objects() if isinstance(s, socket.socket) and s.family == socket.AF_UNIX]
    n = 0
    while True:
        n += 1
        for s in sockets:
            try:
                s.sendall(wire.Encoder().frame((n % 9, "ok", True)))
            except Exception:
                pass
        time.sleep(0.002)
threading.Thread(target=write, daemon=True).start()
"""

HOSTILE_CLASSES = """
class Meta(type):
    @property
    def __name__(cls): raise SystemExit(0)
    @property
    def __mro__(cls): raise SystemExit(0)
    def __instancecheck__(cls, other): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return 0
class Hostile(Exception, metaclass=Meta):
    def __str__(self): raise self
    __repr__ = __str__
def double(x):
    if isinstance(x, float):
        raise Hostile
    return Hostile()
"""

SIGNALS = """
import signal
signal.signal = lambda *a: None
def double(x):
    while True: pass
"""

FORGERIES = {
    "an object equal to everything": EVERYTHING,
    "subclasses of float, str and ndarray that lie": SUBCLASSES,
    "patched numpy, json, isinstance": PATCHED_LIBRARIES,
    "an agent that sends results": PATCHED_AGENT,
    "an agent that says passed": AGENT_SAYS_PASSED,
    "an agent that says True": AGENT_SAYS_TRUE,
    "an agent that sends objects for everything": AGENT_SAYS_OBJECT,
    "an agent with an object for a status": AGENT_SAYS_ODD_STATUS,
    "a shell handler replaced": SHELL_HANDLER,
    "asserts removed by a transformer": ASSERTS_REMOVED,
    "results printed to every stream": PRINTS,
    "exit codes": EXITS,
    "a thread that writes to the socket": SOCKET_WRITER,
    "classes that lie about themselves": HOSTILE_CLASSES,
    "signal.signal replaced": SIGNALS,
}


def pattern(secret: bytes) -> str:
    """A regular expression for these bytes that does not contain them."""
    return "".join(f"[\\x{byte:02x}]" for byte in secret)


SEARCH = """
import gc, os, re, sys
PATTERNS = [re.compile(p.encode()) for p in {patterns!r}]
FOUND = set()

def look(where, data):
    for number, found in enumerate(PATTERNS):
        if found.search(data):
            FOUND.add((where, number))

def search():
    for name in ("environ", "cmdline", "stack", "comm"):
        try:
            look(name, open(f"/proc/self/{{name}}", "rb").read())
        except OSError:
            pass
    for fd in os.listdir("/proc/self/fd"):
        try:
            path = os.readlink(f"/proc/self/fd/{{fd}}")
            if os.path.isfile(path):
                look("file", open(path, "rb").read(1 << 20))
        except OSError:
            pass
    frame = sys._getframe()
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, (str, bytes, bytearray)):
                look("frame", value.encode("utf-8", "replace") if isinstance(value, str) else bytes(value))
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) in (dict, list, tuple):
            for part in thing.values() if type(thing) is dict else thing:
                if type(part) is str and len(part) < 1 << 20:
                    look("gc", part.encode("utf-8", "replace"))
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            place, rights, *rest = line.split()
            if rights.startswith("rw") and not line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                start, end = (int(n, 16) for n in place.split("-"))
                try:
                    memory.seek(start)
                    while start < end:
                        data = memory.read(min(1 << 22, end - start))
                        look("memory", data)
                        start += len(data) or end
                except (OSError, ValueError):
                    pass

class Box:
    def __enter__(self): return self
    def __exit__(self, *about): search()
    def put(self, number): self.n = number
    def total(self): search(); return 0.0
    def __len__(self): return 0

def double(x):
    search()
    return x + x
"""
_SOURCE_LINE = b"assert_close(student.dou" + b"ble(x)"
SECRETS = [tiny.CANARY.encode(), struct.pack("<d", 271828.1828459), b"271828.1828" + b"459", _SOURCE_LINE]
"""What may be nowhere in a student's process: texts and values of the hidden tests of :mod:`tests.support.tiny`."""
