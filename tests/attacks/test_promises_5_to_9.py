"""Promises 5 to 9: fail closed, cost only yourself, the same score everywhere, no free GPU, harmless feedback."""

from __future__ import annotations

import io
import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.grading import engine, notebook_run, run, verdict
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.results import Results
from autograder.grading.session import Session
from autograder.jail import loader, ordinary_kernel
from autograder.jail.inside import tracebacks
from autograder.reports import terminal
from autograder.reports.terminal import show_results
from tests.support import tiny
from tests.support.types import GradeWith

Attack = Callable[..., Results]


# 5: fail closed, and say why

MALFORMED = tiny.DOUBLE_ANSWER + (
    "kernel = get_ipython().kernel\n"
    'kernel.session.send(kernel.iopub_socket, "stream", {"bad": 1}, parent=kernel.get_parent())\n'
)


def test_messages_that_break_nbclient_cost_their_cell(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    results = attack_one(MALFORMED)
    assert (results.score, results.status) == (0, "graded")
    assert all(test.outcome != "broken" and test.message for test in results.cells[0].tests)

    monkeypatch.setattr(notebook_run, "Exception", notebook_run.DeadKernelError, raising=False)
    with pytest.raises(ValueError, match="malformed stream"):
        attack_one(MALFORMED)


def test_a_test_that_never_ran_is_broken_and_not_left_out(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop_early(self: Any, item: pytest.Item) -> None:
        item.session.shouldfail = "stopped from outside"

    monkeypatch.setattr(run.GradingRun, "pytest_runtest_teardown", stop_early)
    results = attack_one(tiny.DOUBLE_ANSWER)
    assert results.status == "broken"
    assert [(t.outcome, t.message) for t in tiny.hidden(results)] == [("broken", "This test did not run.")] * 3

    class Forgetful(run.CellResult):
        def __init__(self, id: str, max_points: float, tests: list[Any], cause: str = "") -> None:
            super().__init__(id, max_points, [t for t in tests if t.outcome != "broken"], cause)

    monkeypatch.setattr(run, "CellResult", Forgetful)
    assert attack_one(tiny.DOUBLE_ANSWER).status == "graded", "nobody would notice"


def test_a_fault_of_the_grader_is_broken_and_not_zero(grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = tiny.SUBTRACT + "    raise RuntimeError('a fault of ours')\n"
    assert grade_with({"subtract": faulty}, *tiny.ANSWERS).results.status == "broken"

    monkeypatch.setattr(run, "outcome_of", lambda error, **_: "failed")
    results = grade_with({"subtract": faulty}, *tiny.ANSWERS).results
    assert (results.score, results.status) == (0, "graded"), "the student would have paid for it"


# 6: a test that hangs or crashes costs that test only

MIXED = """
import os, signal
def double(x):
    if isinstance(x, str):
        raise TypeError
    if isinstance(x, float):
        os.kill(os.getpid(), signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True: pass
"""


def test_crashes_and_hangs_cost_only_themselves(grade: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    results = grade(MIXED, *tiny.ANSWERS[1:])
    assert tiny.outcomes(results) == {
        "test_numbers": "crashed",
        "test_arrays": "timeout",
        "test_strings_are_refused": "passed",
        "test_total": "passed",
        "test_length": "passed",
        "test_subtract": "passed",
    }
    assert results.score == 5

    def never_replaced(self: NotebookRun) -> Session:
        self._session = self._session or Session(self._kernel or self._ready(), self._allowance)
        return self._session

    monkeypatch.setattr(NotebookRun, "session", never_replaced)
    assert grade(MIXED, *tiny.ANSWERS[1:]).score < 5


@pytest.mark.slow
def test_a_kernel_that_keeps_dying_ends(grade: Attack) -> None:
    dying = "import os, threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), os._exit(0))).start()\n"
    started = time.monotonic()
    results = grade(dying + tiny.DOUBLE_ANSWER, *tiny.ANSWERS[1:])
    assert time.monotonic() - started < 120
    assert results.status == "graded"


# 7: the same notebook, the same score

LUCKY = """
import random
import numpy as np
def double(x):
    raise ValueError(f"{random.random()} {np.random.rand()} {hash('word')}")
"""


def test_luck_is_the_same_in_every_run(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(attack_one) == drawn(attack_one)

    seeds = itertools.count(1)
    begin = Session.begin_test
    monkeypatch.setattr(Session, "begin_test", lambda self, limit, seed: begin(self, limit, next(seeds)))
    assert drawn(attack_one) != drawn(attack_one)


def drawn(attack_one: Attack) -> str:
    """What the student's process drew at random in the first test."""
    return attack_one(LUCKY).cells[0].tests[1].message


def test_waiting_for_the_machine_costs_nothing(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = "import time\n" + tiny.DOUBLE_ANSWER.replace("    return", "    time.sleep(0.7)\n    return")
    assert attack_one(waiting).cells[0].tests[2].outcome == "passed"

    monkeypatch.setattr(ordinary_kernel.OrdinaryKernel, "cpu_seconds", lambda self: time.monotonic())
    assert attack_one(waiting).cells[0].tests[2].outcome == "timeout"


PARROT = "log = []\ndef double(x):\n    log.append(getattr(x, 'tolist', lambda: x)())\n    return 2 * x"
HEART = """
known = {heard}
def double(x):
    x = getattr(x, "tolist", lambda: x)()
    return 0 if x not in known else [2 * n for n in x] if isinstance(x, list) else 2 * x
"""


def test_answers_learnt_by_heart_fail_in_another_term(grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch) -> None:
    derive = run.derive
    # every call of grade_with is a sprint with a name of its own: leave that out
    monkeypatch.setattr(run, "derive", lambda seed, *names: derive(seed, names[-1]))
    graders = {"double": tiny.DOUBLE}
    cells = grade_with(graders, PARROT, "", "print(log)", seed="this term").notebook.cells
    heart = HEART.format(heard=next(c.outputs[0]["text"] for c in cells if c.source == "print(log)").strip())
    by_heart = [tiny.outcomes(grade_with(graders, heart, seed=term).results) for term in ("this term", "next term")]
    assert [outcomes["test_arrays"] for outcomes in by_heart] == ["passed", "failed"]

    monkeypatch.setattr(run, "derive", lambda seed, *names: derive("always the same", names[-1]))
    cells = grade_with(graders, PARROT, "", "print(log)", seed="this term").notebook.cells
    heart = HEART.format(heard=next(c.outputs[0]["text"] for c in cells if c.source == "print(log)").strip())
    assert tiny.outcomes(grade_with(graders, heart, seed="next term").results)["test_arrays"] == "passed"


# 8: no GPU, no points and no zero

ON_GPU = '''
import pytest

@pytest.mark.gpu
@pytest.mark.points(1)
def test_device(student):
    """It runs on the GPU."""
    assert student.subtract(5, 3) == "cuda"
'''
PRETENDER = """
import os, sys, types
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
sys.modules["torch"] = types.SimpleNamespace(cuda=types.SimpleNamespace(is_available=lambda: True))
def subtract(a, b):
    return "cuda"
"""


def test_a_pretended_gpu_is_still_waited_for(grade_with: GradeWith) -> None:
    results = grade_with({"subtract": ON_GPU}, "", "", PRETENDER).results
    assert (results.score, results.status) == (0, "pending")

    assert grade_with({"subtract": ON_GPU}, "", "", PRETENDER, gpu=True).results.score == 1


# 9: feedback

HOSTILE = r"""
def double(x):
    commands = "\n::error::forged\n##[error]x\x1b[2J\x1b]0;title\x07\r✓ passed\u202egnissap"
    raise ValueError(commands + "<script>alert(1)</script>" + "A" * 100000)
"""


def shown(results: Results) -> str:
    screen = io.StringIO()
    show_results(results, Console(file=screen, width=300))
    return screen.getvalue()


COMMAND = re.compile(r"^\s*::|##\[|\x1b|\r|\u202e", re.MULTILINE)


def test_hostile_text_is_harmless_in_results_and_in_a_log(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    results = attack_one(HOSTILE)
    assert len(results.to_json()) < 40_000
    assert not COMMAND.search(shown(results))
    assert not re.search(r"[\x1b\r\u202e]", "".join(t.message for t in tiny.hidden(results)))

    monkeypatch.setattr(verdict, "clean", lambda text, limit=0: text)
    monkeypatch.setattr(terminal, "harmless", lambda line: line)
    assert COMMAND.search(shown(attack_one(HOSTILE)))


PEEK = """
class Box:
    def put(self, number):
        raise ValueError("where am I")
    def __len__(self): return 0
    def __enter__(self): return self
    def __exit__(self, *about): pass
    def total(self): return 0.0
"""


def test_tracebacks_show_neither_the_grader_nor_the_platform(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    results = attack("", PEEK)
    text = results.to_json()
    assert "where am I" in text
    for hidden in ("autograder", "box.put(float", "for number in range", "271828", str(Path.cwd()), "/tmp"):
        assert hidden not in text

    taken_out = loader.inspect.getsource(tracebacks).replace("startswith(FILE_PREFIX)", "startswith('nothing')")
    real = loader.inspect.getsource
    monkeypatch.setattr(loader.inspect, "getsource", lambda m: taken_out if m is tracebacks else real(m))
    assert "autograder" in attack("", PEEK).to_json()


# what of 1 and 10 can be had without a sandbox


def test_the_hidden_tests_do_not_come_along_as_files(
    grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spy = "import os\nprint('FOUND', [f for _, _, fs in os.walk('.') for f in fs if f.startswith('test_')])"

    def found() -> str:
        graded = grade_with({"subtract": tiny.SUBTRACT}, spy, files=tmp_path)
        return str([c.outputs for c in graded.notebook.cells if c.source == spy])

    assert "FOUND []" in found()

    monkeypatch.setattr(engine.Path, "is_relative_to", lambda self, other: False)
    assert "test_subtract.py" in found()


def test_the_courses_secrets_are_not_in_the_environment(attack_one: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", tiny.CANARY)
    teller = "import os\ndef double(x):\n    raise ValueError(str(dict(os.environ)))"
    assert tiny.CANARY not in attack_one(teller).to_json()

    inherited = ordinary_kernel._environment
    monkeypatch.setattr(ordinary_kernel, "_environment", lambda *given: inherited(*given) | {"SEED": tiny.CANARY})
    assert tiny.CANARY in attack_one(teller.replace("dict(os.environ)", "os.environ.get('SEED')")).to_json()
