"""Is a clean room's kernel there when it is needed, and does a test that breaks it cost only itself?"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import NotRun, PlatformFault, StudentCrash, StudentTimeout
from autograder.grading import probe
from autograder.grading.allowance import Allowance
from autograder.grading.clean_room import artifacts as evaluated
from autograder.grading.clean_room import graphs
from autograder.grading.clean_room.room import CleanRoom
from autograder.grading.engine import grade_notebook
from autograder.grading.limits import Limit
from autograder.grading.student import Student
from autograder.grading.transcript import Transcript
from autograder.jail.kernel import Kernel
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.warm import WarmJail
from tests.support import artifacts, tiny
from tests.support.artifacts import Room, X, complaint, double, kernels_of, make, student_in
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox


def test_what_was_done_is_told_without_what_was_fed(student: Student, clean: Room) -> None:
    blob = student.run(make, artifacts.REGRESSION, "regression")
    weights = np.array([[1], [0], [2]], "float32")
    clean.run_graph(blob, [(["prediction:0"], {"x:0": X + 100, "w:0": weights})])
    clean.run_graph(blob, [(["init"], {}), (["w:0", "loss:0"], {"x:0": X, "y:0": X[:, :1]})])
    clean.graph_nodes(blob)
    clean.run(double, 3)
    lines = clean.lines.lines()
    assert lines[0] == "(evaluated your graph: prediction:0)  →  array([[307.], [316.]])"
    assert lines[1].startswith("(evaluated your graph: init; w:0, loss:0)  →  [[None], [array(")
    assert lines[2:] == ["(listed your graph's nodes)", "(double, in the clean room)"]
    assert clean.received


LOOP = (
    artifacts.GRAPH
    + """
def endless():
    return in_graph(lambda: tf.while_loop(lambda i: i > -1, lambda i: (i + 1) % 7, [tf.constant(0)], name="loop"))
"""
)


def test_an_endless_loop_costs_its_test_only(student: Student, clean: Room) -> None:
    good, endless = student.run(make, artifacts.REGRESSION, "regression"), student.run(make, LOOP, "endless")
    loop = next(
        node["name"] for node in clean.graph_nodes(endless) if node["op"] in ("While", "StatelessWhile", "Exit")
    )
    first = clean.kernel
    clean.begin_test(Limit(0.5, 5), seed=0)
    error = complaint(clean, endless, [([f"{loop}:0"], {})])
    assert isinstance(error, StudentTimeout)
    assert (error.subject, error.message) == ("Your graph", "stopped after 0.5 s of CPU time")
    clean.begin_test(artifacts.LIMIT, seed=0)
    assert clean.run_graph(good, [(["init"], {}), (["w:0"], {})])[1][0].tolist() == [[0], [0], [0]]
    assert clean.kernel is not first
    assert student.run(double, 4) == 8, "the student's kernel is the same"


@probe
def die():  # type: ignore[no-untyped-def]
    import os

    os._exit(3)


def test_a_crash_costs_its_test_only(clean: Room) -> None:
    assert clean.run(double, 1) == 2
    with pytest.raises(StudentCrash):
        clean.run(die)
    assert clean.run(double, 1) == 2


@probe
def sabotage():  # type: ignore[no-untyped-def]
    import os
    import threading

    threading.Timer(0.2, os._exit, [3]).start()


def test_a_kernel_that_the_last_test_broke_is_replaced(clean: Room) -> None:
    clean.run(sabotage)
    kernel, end = clean._kernel, time.monotonic() + 30
    assert kernel is not None
    while kernel.alive():
        assert time.monotonic() < end
        time.sleep(0.01)
    clean.begin_test(artifacts.LIMIT, seed=0)
    assert clean.run(double, 1) == 2


def test_only_a_kernel_that_cannot_be_had_is_our_fault(jail: WarmJail) -> None:
    def none(files: object) -> Kernel:
        raise PlatformFault("no kernel")

    with pytest.raises(PlatformFault, match="no kernel"):
        Room(none).run(double, 1)

    def dying(files: object) -> Kernel:
        kernel = kernels_of(jail)(None)
        assert kernel.client is not None  # it has answered
        kernel.terminate()
        return kernel

    room = Room(dying)
    with pytest.raises(PlatformFault, match="a clean kernel did not start"):
        room.run(double, 1)
    room.close()


@probe
def spins(framework):  # type: ignore[no-untyped-def]
    while True:
        pass


@probe
def with_torch():  # type: ignore[no-untyped-def]
    return "torch"


def test_a_submission_that_left_no_time_to_import_a_framework_is_not_our_fault(
    jail: WarmJail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluated, "warm_up", spins)
    room = CleanRoom(kernels_of(jail), Allowance(Limit(0.5, 60)), Transcript)
    with pytest.raises(NotRun, match="all that one submission may take"):
        room.run(with_torch)
    # taken out: the test would be broken, and the submission graded once more
    room = CleanRoom(kernels_of(jail), Allowance(Limit(0.5, 60)), Transcript)
    monkeypatch.setattr(Allowance, "require", lambda self: None)
    with pytest.raises(PlatformFault, match="did not start"):
        room.run(with_torch)
    room.close()


def test_the_kernel_is_started_when_needed_and_ended_with_the_room(jail: WarmJail) -> None:
    started = []

    def counting(files: object) -> Kernel:
        started.append(kernels_of(jail)(None))
        return started[-1]

    room = Room(counting)
    assert not started
    room.run(double, 1)
    room.begin_test(artifacts.LIMIT, seed=0)
    room.run(double, 1)
    assert len(started) == 1
    assert started[0].alive()
    room.close()
    room.close()
    assert not started[0].alive()


@probe
def seven():  # type: ignore[no-untyped-def]
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        tf.constant(7, name="seven")
    return graph.as_graph_def().SerializeToString()


def test_importing_a_framework_is_no_tests_expense() -> None:
    """In an ordinary kernel it takes more CPU time than a test may."""
    room = Room(ordinary_kernel)
    room.begin_test(Limit(0.4, 20), seed=0)
    try:
        assert room.run_graph(room.run(seven), [(["seven:0"], {})]) == [[7]]
    finally:
        room.close()


FORGED = """
import tensorflow as tf
tf.compat.v1.Session.run = lambda *a, **k: [[[307.0], [316.0]]]
tf.import_graph_def = lambda *a, **k: None
tf.Graph.as_graph_element = lambda *a, **k: None
def nothing():
    return tf.Graph().as_graph_def().SerializeToString()
"""


def test_a_patched_framework_fools_the_students_kernel_but_not_the_clean_room(jail: WarmJail, clean: Room) -> None:
    asked = [(["prediction:0"], {"x:0": X})]
    with student_in(jail) as student:
        blob = student.run(make, FORGED, "nothing")
        _, fooled = student.run(graphs.evaluate_graph, graphs.TOOLS, blob, asked)
    assert fooled[0][0].tolist() == [[307.0], [316.0]]
    assert complaint(clean, blob, asked).message == "the graph has no tensor 'prediction:0'"


HIDDEN = """
import pytest
from autograder.grading import assert_close, probe

@probe
def exported(build):
    import tensorflow as tf
    with tf.Graph().as_default() as graph:
        build()
    return graph.as_graph_def().SerializeToString()

@pytest.mark.points(2)
def test_twice(student, clean, rng):
    \"\"\"The graph doubles what it is fed.\"\"\"
    x = rng.normal(size=3).astype("float32")
    ((got,),) = clean.run_graph(student.run(exported, student.build), [(["twice:0"], {"x:0": x})])
    assert_close(got, 2 * x, what="twice")

@pytest.mark.points(1)
def test_without_a_name(student, clean):
    \"\"\"Another name is an error.\"\"\"
    clean.run_graph(student.run(exported, student.build), [(["thrice:0"], {})])
"""
TWICE = """
import tensorflow as tf
factor = 2
def build():
    x = tf.compat.v1.placeholder(tf.float32, [None], name="x")
    tf.multiply(x, factor, name="twice")
"""


@pytest.mark.parametrize(("factor", "first"), [(2, "passed"), (3, "failed")])
def test_a_hidden_test_asks_for_it_as_a_fixture(jail: WarmJail, tmp_path: Path, factor: int, first: str) -> None:
    course = tiny.write_course(tmp_path, "exported_graphs", {"double": HIDDEN})
    started: list[Kernel] = []

    def kernels(files: Path | None) -> Kernel:
        started.append(kernels_of(jail)(files))
        return started[-1]

    nb = tiny.submission(TWICE.replace("factor = 2", f"factor = {factor}"))
    graded = grade_notebook(nb, tiny.sprint(course, "exported_graphs"), conditions(kernels))
    assert tiny.outcomes(graded.results) == {"test_twice": first, "test_without_a_name": "error"}
    one, other = tiny.hidden(graded.results)
    assert "Your graph raised ValueError: the graph has no tensor 'thrice:0'" in other.message
    assert "    (evaluated your graph: thrice:0)" in other.message
    assert first == "passed" or "(evaluated your graph: twice:0)  →  array([" in one.message
    assert len(started) == 2
    assert not any(kernel.alive() for kernel in started)


def test_a_clean_kernel_that_cannot_be_had_makes_the_test_broken(jail: WarmJail, tmp_path: Path) -> None:
    course = tiny.write_course(tmp_path, "exported_graphs", {"double": HIDDEN})
    started: list[Kernel] = []

    def one_only(files: Path | None) -> Kernel:
        if started:
            raise PlatformFault("no second kernel")
        started.append(kernels_of(jail)(files))
        return started[-1]

    graded = grade_notebook(tiny.submission(TWICE), tiny.sprint(course, "exported_graphs"), conditions(one_only))
    assert set(tiny.outcomes(graded.results).values()) == {"broken"}
    assert "no second kernel" in "".join(graded.faults.values())


def test_the_trusted_side_imports_no_framework() -> None:
    source = "import sys, autograder.grading.run; sys.exit('tensorflow' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
