"""Do artifacts without end, of a hundred gigabytes, or forged on their way cost one test?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.engine import grade_notebook
from autograder.grading.limits import Limit, Limits
from autograder.jail.warm import WarmJail
from tests.support import tiny
from tests.support.artifacts import MEMORY, kernels_of
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
SHORT = Limit(2, 20)
HIDDEN = """
import pytest
from autograder.grading import assert_close, probe

@probe
def exported(build):
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def().SerializeToString()

def judge(student, clean, build):
    ((got,),) = clean.run_graph(student.run(exported, build), [(["out:0"], {})])
    assert_close(got, 2.0, what="out")

@pytest.mark.points(1)
def test_first(student, clean):
    judge(student, clean, student.first)

@pytest.mark.points(1)
def test_second(student, clean):
    judge(student, clean, student.second)

@pytest.mark.points(1)
def test_the_notebook_goes_on(student):
    assert_close(student.count(), 1.0, what="count")
"""
ANSWER = """
import tensorflow as tf
calls = 0
def count():
    global calls
    calls += 1
    return float(calls)
def second():
    tf.constant(2.0, name="out")
"""
ENDLESS = """
def first():
    loop = tf.while_loop(lambda i: i > -1, lambda i: (i + 1) % 7, [tf.constant(0)])
    tf.identity(loop[0], name="out")
"""
HUGE = """
def first():
    gigabytes = tf.compat.v1.placeholder_with_default(tf.constant({floats}, tf.int64), [])
    tf.identity(2 * tf.reduce_max(tf.fill([gigabytes], 1.0)), name="out")
"""


def outcomes(
    jail: WarmJail, folder: Path, answer: str, off: tuple[str, ...] = (), limit: Limit = SHORT
) -> dict[str, str]:
    """Outcomes of the three tests above on an answer."""
    course = tiny.write_course(folder, "evil_graphs", {"double": HIDDEN})
    limits = Limits(test=limit)
    graded = grade_notebook(
        tiny.submission(ANSWER + answer),
        tiny.sprint(course, "evil_graphs"),
        conditions(kernels_of(jail, off), limits=limits),
    )
    return tiny.outcomes(graded.results)


def test_an_endless_loop_in_a_graph_costs_one_test(jail: WarmJail, tmp_path: Path) -> None:
    """Neither the other tests nor the notebook's state may suffer."""
    got = outcomes(jail, tmp_path, ENDLESS)
    assert got == {"test_first": "timeout", "test_second": "passed", "test_the_notebook_goes_on": "passed"}


def test_a_hundred_gigabytes_cost_one_test(jail: WarmJail, tmp_path: Path) -> None:
    """They must not be had, and the next test finds a clean room in order."""
    got = outcomes(jail, tmp_path, HUGE.replace("{floats}", str(25 * 10**9)))
    assert got.pop("test_first") in ("error", "crashed")
    assert set(got.values()) == {"passed"}


@pytest.mark.slow
def test_the_limit_on_memory_is_what_stops_it(jail: WarmJail, tmp_path: Path) -> None:
    """With a size that this machine has: beyond the jail's limit, and there without it."""
    more = HUGE.replace("{floats}", str((MEMORY + (256 << 20)) // 4))
    limit = Limit(15, 90)
    assert outcomes(jail, tmp_path / "on", more, limit=limit)["test_first"] in ("error", "crashed")
    assert outcomes(jail, tmp_path / "off", more, ("memory_limit",), limit)["test_first"] == "passed"


FORGERIES = {
    "text": "'graph'",
    "nothing": "None",
    "an object": "object()",
    "its own bytes": "type('Bytes', (bytes,), {})(b'')",
    "a list": "[b'']",
    "nested": "__import__('functools').reduce(lambda x, _: [x], range(55), b'')",
    "too large": "bytes(100 << 20)",
    "no graph": "b'no graph'",
    "an empty graph": "b''",
}


@pytest.mark.parametrize("reply", FORGERIES)
def test_forged_replies_earn_nothing_and_break_nothing(jail: WarmJail, tmp_path: Path, reply: str) -> None:
    """What comes instead of a graph must be the student's failure, neither points nor a fault of ours."""
    forged = f"""
class Forged:
    def SerializeToString(self):
        return {FORGERIES[reply]}
tf.Graph.as_graph_def = lambda self: Forged()
def first():
    pass
"""
    got = outcomes(jail, tmp_path, forged)
    assert got.pop("test_the_notebook_goes_on") == "passed"
    assert set(got.values()) <= {"failed", "error", "crashed"}
