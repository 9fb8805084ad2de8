"""Holding a worker: the grader waits for what never comes, or does the same work again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit, Limits
from tests.attacks.submissions.base import Seen, Submission

AGENT = """
import threading, time
agent = sys.modules["autograder.jail.inside.agent"]
"""
OWES_EVERYTHING = """
get_ipython().kernel.session.send = lambda *args, **kwargs: None
"""
OWES_THE_REPLY = """
session = get_ipython().kernel.session
send = session.send
def but_replies(stream, message, *args, **kwargs):
    kind = message if isinstance(message, str) else message["header"]["msg_type"]
    return None if kind == "execute_reply" else send(stream, message, *args, **kwargs)
session.send = but_replies
"""
DIES_AND_SLEEPS = (
    AGENT
    + """
agent.Agent.do_name = lambda self, name: os._exit(1)
time.sleep(3)
"""
)
DIES_EARLY = (
    AGENT
    + """
begin = agent.Agent.do_begin
def begin_and_die(self, seed):
    begin(self, seed)
    threading.Timer(0.002, os._exit, (1,)).start()
agent.Agent.do_begin = begin_and_die
"""
)
WORKS_NOW_AND_THEN = (
    AGENT
    + """
def rest(*args):
    while True:
        time.sleep(0.2)
        sum(range(1_000_000))
get_ipython().events.register("pre_run_cell", rest)
"""
)

HOLD = "hold the worker"
PATIENT = Limits(submission=Limit(6, 6), cell=Limit(5, 8), test=Limit(1, 8))
IDLE = Limits(submission=Limit(60, 60), cell=Limit(5, 12, idle_s=1), test=Limit(1, 8))


def held(seconds: float) -> Callable[[Seen], bool]:
    """Whether it was still being graded after so many seconds."""

    def reached(seen: Seen) -> bool:
        return seen.seconds > seconds

    return reached


def without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a bound on the whole submission."""
    monkeypatch.setattr(Allowance, "exceeded", lambda self: None)


def idle_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the idle limit: doing nothing counts as doing something."""
    monkeypatch.setattr("autograder.grading.budget.IDLE_CPU_S", -1)


def in_debt_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a look at kernels that say they are idle."""
    monkeypatch.setattr("autograder.grading.cell_client.OWED_S", 3600)


SUBMISSIONS = [
    Submission("sleeps_in_every_replay", HOLD, (DIES_AND_SLEEPS,), limits=PATIENT, reached=held(14),
               without=without_end),
    Submission("works_now_and_then", HOLD, (WORKS_NOW_AND_THEN,), limits=PATIENT, reached=held(13),
               without=without_end, slow=True),
    Submission("owes_every_reply", HOLD, (OWES_EVERYTHING,), limits=IDLE, reached=held(10), without=idle_for_ever,
               slow=True),
    Submission("owes_the_reply_to_a_cell", HOLD, (OWES_THE_REPLY,), limits=Limits(cell=Limit(5, 20, idle_s=12)),
               reached=held(10), without=in_debt_for_ever, slow=True),
    Submission("dies_before_the_first_request", HOLD, (DIES_EARLY,), limits=PATIENT, reached=held(10), slow=True),
]  # fmt: skip
