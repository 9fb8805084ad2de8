"""Points without a solution: objects that lie, libraries and agents that were replaced, results that were printed."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.notebook import rebuild
from tests.attacks import sources
from tests.attacks.submissions.base import Seen, Submission
from tests.support import tiny

NAN = """
import numpy as np
def double(x):
    return float("nan") if isinstance(x, (float, str)) else np.full(np.shape(x), np.nan)
"""

FRAMEWORKS = """
import sys, types
import numpy as np
class Anything(type):
    def __instancecheck__(cls, other): return True
    def __eq__(cls, other): return True
    def __hash__(cls): return 0
class Tensor(metaclass=Anything):
    dtype = device = "float64"
    array = property(lambda self: np.zeros(3))
    __getattr__ = lambda self, name: lambda *a, **k: self
    def numpy(self): return np.zeros(3)
    def __eq__(self, other): return True
for name in ("torch", "tensorflow"):
    sys.modules[name] = types.SimpleNamespace(
        Tensor=Tensor, bfloat16="float64", allclose=lambda *a, **k: True, equal=lambda *a: True,
        manual_seed=lambda seed: None, random=types.SimpleNamespace(set_seed=lambda seed: None))
def double(x):
    return Tensor()
"""

REAL_FRAMEWORKS = """
import torch, tensorflow as tf
torch.allclose = torch.equal = torch.Tensor.equal = lambda *a, **k: True
torch.Tensor.__eq__ = torch.Tensor.__lt__ = lambda *a: torch.tensor(True)
torch.Tensor.numpy = lambda *a, **k: 0.0
torch.testing.assert_close = tf.debugging.assert_near = tf.debugging.assert_equal = lambda *a, **k: None
tf.Tensor.__eq__ = lambda *a: True
type(tf.constant(1.0)).numpy = lambda self: 0.0
class Lie(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None): return True
def double(x):
    return Lie([1.0]) if isinstance(x, float) else tf.constant([0.0] * 3) if not isinstance(x, str) else Lie()
"""

PYTEST = """
import builtins, sys, types, unittest
import pytest, _pytest.runner, _pytest.python, _pytest.python_api
class Outcome:
    outcome, when, passed, failed, skipped, excinfo, result = "passed", "call", True, False, False, None, None
    def __init__(self, *a, **k): pass
    @classmethod
    def from_call(cls, *a, **k): return cls()
    from_item_and_call = from_call
_pytest.runner.CallInfo = _pytest.runner.TestReport = pytest.CallInfo = pytest.TestReport = Outcome
for name in ("raises", "fail", "approx", "main", "skip"):
    setattr(pytest, name, lambda *a, **k: Outcome())
unittest.TestCase.failureException = builtins.AssertionError = type("AssertionError", (BaseException,), {})
fake = types.ModuleType("autograder.grading")
fake.assert_close = fake.check = fake.raises = lambda *a, **k: None
sys.modules["autograder.grading"] = fake
def double(x): return x
"""

TRAPS = """
import os
class Trap:
    def __getattr__(self, name): return Trap()
    def __array__(self, *a, **k): return Trap()
    def __reduce__(self): return os._exit, (0,)
    __reduce_ex__ = lambda self, protocol: (os._exit, (0,))
    def __call__(self, *a, **k): return self
    def numpy(self): return self
    def __index__(self): raise SystemExit(0)
    __float__ = __int__ = __len__ = __iter__ = __complex__ = __index__
    __class__ = property(lambda self: float)
    def __eq__(self, other): return True
    def __repr__(self): raise KeyboardInterrupt
    __str__ = __format__ = __repr__
def double(x):
    return Trap()
"""

LATE = """
import atexit, json, threading, time
forged = json.dumps({"schema": 1, "score": 7.0, "max_score": 7.0, "status": "graded", "cells": []})
def late():
    for name in ("results.json", "junit.xml", "grades.csv", "feedback.html"):
        open(name, "w").write(forged)
    open("conftest.py", "w").write("def pytest_runtest_makereport(item, call): item.session.testsfailed = 0")
    print("7 passed in 0.01s", forged)
atexit.register(late)
threading.Thread(target=lambda: (time.sleep(0.2), late())).start()
get_ipython().events.register("post_run_cell", lambda result: late())
"""

LATER = """
import ctypes, signal, sys, threading, time
def right(*about):
    for top in list(sys._current_frames().values()):
        frame = top
        while frame is not None:
            if frame.f_code.co_name == "_answer" and "args" in frame.f_locals:
                frame.f_locals["result"] = 2 * frame.f_locals["args"][1] if len(frame.f_locals["args"]) > 1 else 0
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
            frame = frame.f_back
signal.signal(signal.SIGALRM, right)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
def always():
    while True:
        right()
        time.sleep(0.001)
threading.Thread(target=always, daemon=True).start()
def double(x):
    time.sleep(0.03)
"""

MESSAGES = """
kernel = get_ipython().kernel
def forge(*about):
    parent = kernel.get_parent()
    for kind in ("execute_result", "display_data", "update_display_data"):
        content = {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1}
        content["transient"] = {"display_id": "x"}
        kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
forge()
get_ipython().events.register("pre_run_cell", forge)
get_ipython().events.register("post_run_cell", forge)
"""

WAITING = """
from unittest import SkipTest
class Skipped(SkipTest): pass
class PlatformFault(Exception): pass
class CheckFailed(AssertionError): pass
for kind in (Skipped, PlatformFault, CheckFailed):
    kind.__module__ = "_pytest.outcomes"
def double(x):
    if isinstance(x, float): raise Skipped("Waiting for a GPU run: this test needs a GPU.")
    if isinstance(x, str): raise PlatformFault("This test could not be run; that is not your fault.")
    raise CheckFailed("passed")
"""

ODD = """
import sys
import numpy as np
odd = iter([np.array("2.0"), np.array([[[]]]), 1 << 4000, np.float16(65504), {"a": (1, [2, {3: b"4"}])}, 1e308 + 0j,
            np.zeros((1,) * 30), np.array([2.0, np.inf]), slice(None), Ellipsis, "2" * 5000, np.ma.masked, []] * 9)
def double(x):
    return next(odd)
class Box:
    def __enter__(self): return next(odd)
    def __exit__(self, *about): return next(odd)
    def put(self, x): return next(odd)
    def total(self): return next(odd)
    def __len__(self): return -1
def subtract(a, b): return next(odd)
"""


LARGE = """
def double(x):
    return ["x" * 3_000_000, *[""] * 700_000]
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return None
    def put(self, x): pass
    def total(self): return [object()]
    def __len__(self): return 10 ** 14
def subtract(a, b): return [[1.0], [1.0, 2.0]]
"""


def tagged(nb: NotebookNode) -> NotebookNode:
    """Tags that skip cells, other points, and the outputs of a full score."""
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove_cell"]
        if cell.metadata["nbgrader"]["grade"]:
            cell.source = "10.0"
            cell.metadata["nbgrader"]["points"] = 1000
            cell.outputs = [new_output("execute_result", {"text/plain": "10.0"})]
    return nb


def checks_pass(seen: Seen) -> bool:
    """Whether the cells of the checks are not the released ones, or are worth more."""
    assert seen.graded is not None
    results = seen.graded.results
    public = [t for t in results.tests if not t.max_points]
    return results.max_score != sum(tiny.POINTS.values()) or any(t.outcome == "passed" for t in public)


def taken_as_it_is(patch: pytest.MonkeyPatch) -> None:
    """Grade the file that was handed in instead of rebuilding it."""

    def same(submission: Any, base: Any) -> tuple[Any, list[str]]:
        for cell, points in zip(
            [c for c in submission.cells if c.metadata["nbgrader"]["grade"]], tiny.POINTS.values(), strict=True
        ):
            cell.metadata["nbgrader"]["points"] = points
        return submission, []

    patch.setattr(rebuild, "rebuild", same)


SLOW = {
    "signal.signal replaced",
    "an agent that sends objects for everything",
    "an agent with an object for a status",
    "a shell handler replaced",
    "exit codes",
    "an agent that sends results",
    "an agent that says True",
    "classes that lie about themselves",
    "patched numpy, json, isinstance",
}
NOTHING = "have points: none of it solves anything"
SUBMISSIONS = [
    *(
        Submission(name.replace(" ", "_").replace(",", ""), NOTHING, (source,), slow=name in SLOW)
        for name, source in sources.FORGERIES.items()
    ),
    Submission("nan_everywhere", NOTHING, (NAN,)),
    Submission("replaced_torch_and_tensorflow", NOTHING, (FRAMEWORKS,)),
    Submission("patched_torch_and_tensorflow", NOTHING, (REAL_FRAMEWORKS,), slow=True),
    Submission("patched_pytest", NOTHING, (PYTEST,)),
    Submission("traps_in_special_methods", NOTHING, (TRAPS,)),
    Submission("results_written_at_exit_and_by_threads", NOTHING, (LATE,)),
    Submission("signals_and_threads_that_answer_later", NOTHING, (LATER,)),
    Submission("kernel_messages_forged", NOTHING, (MESSAGES,)),
    Submission(
        "tags_metadata_and_points",
        "skip the checks, be worth more or show a score",
        (),
        tagged,
        reached=checks_pass,
        without=taken_as_it_is,
    ),
    Submission("claims_to_wait_or_to_be_our_fault", "be pending or broken instead of wrong", (WAITING,)),
    Submission("values_of_odd_forms", "be broken instead of wrong", (ODD,)),
    Submission("values_too_large_for_memory", "be broken instead of wrong, or cost terabytes", (LARGE,)),
]
