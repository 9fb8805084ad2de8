"""Hidden tests of task 8: a configuration, exported; and what ran where, in sessions with two CPUs."""

import numpy as np
import pytest

from autograder.graders.device_placement.oracles import (
    chain,
    check_mapping,
    config_for_two_cpus,
    place,
    singles,
)
from autograder.grading import check, probe, raises

NOWHERE = "/GPU:63"


@probe
def exported(session_config):
    configs = [session_config(soft, log) for soft in (False, True) for log in (False, True)]
    return [config.SerializeToString() for config in configs]


@probe
def settings_in(blobs):
    import tensorflow as tf

    configs = [tf.compat.v1.ConfigProto.FromString(blob) for blob in blobs]
    return [[config.allow_soft_placement, config.log_device_placement] for config in configs]


@probe
def times_it_ran(ran_on, values, config):
    """How often an operation ran, or a session; what ran_on says; and the names of all operations of the graph.

    Of the operation halves, the second output is fed. Of the two branches behind fork, one runs. TensorFlow takes the
    tf.cond apart: nodes run that the graph has not, under names of their own.
    """
    import tensorflow as tf

    kind = tf.compat.v1.Session.__mro__[1]
    run, of_session, of_operation = kind.run, [], []

    def noted(self, *arguments, **options):
        of_session.append(1)
        return run(self, *arguments, **options)

    def counted(x):
        of_operation.append(1)
        return x

    with tf.Graph().as_default() as graph:
        start = tf.compat.v1.placeholder("float32", [None], "start")
        _, half = tf.split(tf.compat.v1.placeholder("float32", [4], "not_fed"), 2, name="halves")
        no, yes = tf.raw_ops.Switch(data=start, pred=tf.compat.v1.placeholder("bool", [], "which"), name="fork")
        branches = [tf.math.exp(no, name="not_taken"), tf.math.sin(yes, name="taken")]
        joined = tf.raw_ops.Merge(inputs=branches, name="joined").output
        counting = tf.compat.v1.py_func(counted, [joined], "float32")
        total = tf.reduce_sum(half)
        tf.add(counting, tf.cond(total > 0, lambda: tf.exp(total), lambda: tf.sin(total)), name="end")
    kind.run = noted
    try:
        said = ran_on(graph, "end:0", {"start:0": values, "halves:1": values[:2], "which:0": True}, config)
    finally:
        kind.run = run
    return max(len(of_session), len(of_operation)), said, [operation.name for operation in graph.get_operations()]


@probe
def sessions_left_open(ran_on, graph, feeds, configs):
    """How many sessions each run opens; how many are left open; and whether one of the caller's is still open.

    Some of these runs fail. The last is stopped, as by Ctrl-C.
    """
    import contextlib

    import tensorflow as tf

    def is_open(session):
        try:
            session.run([])
        except RuntimeError:
            return False
        return True

    def stopped(self, *arguments, **options):
        raise KeyboardInterrupt

    def noted(self, *arguments, **options):
        opened.append(self)
        begin(self, *arguments, **options)

    kind = tf.compat.v1.Session.__mro__[1]
    begin, run, opened, counts = kind.__init__, kind.run, [], []
    callers = tf.compat.v1.Session(graph=graph)
    kind.__init__ = noted
    try:
        with callers.as_default():
            for feed, config, stop in [*[(feed, config, False) for feed in feeds for config in configs],
                                       (feeds[0], configs[0], True)]:  # fmt: skip
                before, kind.run = len(opened), stopped if stop else run
                # the question is what a run that is refused leaves behind
                with contextlib.suppress(tf.errors.InvalidArgumentError, ValueError, KeyboardInterrupt):
                    ran_on(graph, "n1:0", feed, config)
                counts.append(len(opened) - before)
    finally:
        kind.__init__, kind.run = begin, run
    left, alive = sum(map(is_open, opened)), is_open(callers)
    callers.close()
    return counts, left, alive


@probe
def with_a_check():
    """A graph with an operation that fails when it gets a NaN."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        start = tf.compat.v1.placeholder("float32", [None], "start")
        tf.debugging.check_numerics(start, "no number", name="end")
    return graph


def settings(student, clean):
    """Soft and log of the four configurations, as their bytes have them."""
    return clean.run(settings_in, student.run(exported, student.session_config))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pairs = [(True, False), (False, True)]  # soft, log\n"
    "[session_config(soft, log).allow_soft_placement for soft, log in pairs]",
    gives=[True, False],
)
def test_soft(student, clean):
    """The configuration has soft placement exactly when it was asked for.

    Hint: allow_soft_placement.
    """
    got = [soft for soft, _ in settings(student, clean)]
    check(got == [False, False, True, True], "soft placement must be on exactly when it was asked for", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "pairs = [(True, False), (False, True)]  # soft, log\n"
    "[session_config(soft, log).log_device_placement for soft, log in pairs]",
    gives=[False, True],
)
def test_log(student, clean):
    """Decisions are printed exactly when that was asked for.

    Hint: log_device_placement.
    """
    got = [log for _, log in settings(student, clean)]
    check(got == [False, True, False, True], "the log must be on exactly when it was asked for", got=got)


def run_on(student, rng, devices, fetch, soft, scope=""):
    """What ran_on says of a chain of operations."""
    graph, config = student.run(chain, devices, scope), student.run(config_for_two_cpus, soft)
    got = student.ran_on(graph, f"{scope}{fetch}", {"start:0": singles(rng, 4)}, config)
    return check_mapping(got, "the result")


@pytest.mark.points(1)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    x = tf1.placeholder(tf.float32, [None], 'x')\n"
    "    for n in (0, 1):\n"
    "        with tf.device(f'/CPU:{n}'):\n"
    "            x = tf.exp(x, name=f'y{n}')\n"
    "config = tf1.ConfigProto(device_count={'CPU': 2})\n"
    "where = ran_on(g, 'y1:0', {'x:0': [1.0]}, config)\n"
    "[label(where['y0']), label(where['y1'])]",
    gives=["CPU:0", "CPU:1"],
)
def test_actual_devices(student, rng):
    """Each operation that ran is there with the device that it ran on.

    Hint: step_stats.dev_stats of the run metadata: a device each, with the nodes that ran there.
    """
    numbers = [int(n) for n in rng.permutation([0, 1, 1, 0, 1])]
    got = run_on(student, rng, [f"/CPU:{n}" for n in numbers], "n4:0", soft=False, scope="scope/")
    for place_in_chain, number in enumerate(numbers):
        name = f"scope/n{place_in_chain}"
        check(name in got, f"{name} ran and must be there", got=", ".join(sorted(got)))
        check(place(got[name]) == f"CPU:{number}", f"{name} is said to have run on another device than it did",
              got=got[name])  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    x = tf1.placeholder(tf.float32, [None], 'x')\n"
    "    with tf.device('/GPU:63'):  # nobody has 64 GPUs\n"
    "        tf.exp(x, name='y')\n"
    "where = ran_on(g, 'y:0', {'x:0': [1.0]}, tf1.ConfigProto(allow_soft_placement=True))\n"
    "label(where['y']) == 'GPU:63'",
    gives=False,
)
def test_request_is_not_the_answer(student, rng):
    """With soft placement, an operation requested where nothing is has run elsewhere, and that is what is said.

    Hint: op.device is the request; the metadata has what came of it.
    """
    got = run_on(student, rng, ["/CPU:1", NOWHERE], "n1:0", soft=True)
    check("n1" in got, "n1 ran and must be there", got=", ".join(sorted(got)))
    check(place(got["n1"]) not in ("", "GPU:63"), "n1 did not run where it was requested", got=got["n1"])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    x = tf1.placeholder(tf.float32, [None], 'x')\n"
    "    with tf.device('/GPU:63'):  # nobody has 64 GPUs\n"
    "        tf.exp(x, name='y')\n"
    "ran_on(g, 'y:0', {'x:0': [1.0]}, tf1.ConfigProto(allow_soft_placement=False))",
    raises="InvalidArgumentError",
)
def test_refusal_is_passed_on(student, rng):
    """Without soft placement, the session's refusal comes through, and so does whatever else a run raises.

    Hint: pass the configuration to the session, and catch nothing.
    """
    with raises("InvalidArgumentError"):
        run_on(student, rng, ["/CPU:1", NOWHERE], "n1:0", soft=False)
    graph, config = student.run(with_a_check), student.run(config_for_two_cpus, False)
    with raises("InvalidArgumentError"):  # the operation fails
        student.ran_on(graph, "end:0", {"start:0": np.array([np.nan])}, config)
    with raises("ValueError"):  # the value has another rank than the placeholder
        student.ran_on(graph, "end:0", {"start:0": np.ones((2, 2))}, config)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    x = tf1.placeholder(tf.float32, [None], 'x')\n"
    "    with tf.device('/CPU:1'):\n"
    "        y = tf.exp(x, name='y')\n"
    "    z = tf.exp(y, name='z')\n"
    "where = ran_on(g, 'y:0', {'x:0': [1.0]}, tf1.ConfigProto(device_count={'CPU': 2}))\n"
    "sorted(set(where) - {'x'})",
    gives=["y"],
)
def test_only_what_ran(student, rng):
    """Operations that did not run, and nodes of TensorFlow's own, are not there; what is needed runs once.

    Hint: keep only names that the graph has; do not run more than the fetch, and that once. What the session has placed
    need not run: of two branches, one does. step_stats has what ran.
    """
    got = run_on(student, rng, ["/CPU:0", "/CPU:1", "/CPU:0"], "n1:0", soft=False)
    surplus = sorted(set(got) - {"start", "n0", "n1"})
    check(not surplus, "there must be nothing but operations of the graph that ran", got=", ".join(surplus))
    check({"n0", "n1"} <= set(got), "both operations ran", got=", ".join(sorted(got)))
    config = student.run(config_for_two_cpus, False)
    runs, said, all_names = student.run(times_it_ran, student.ran_on, singles(rng, 3), config)
    check(runs == 1, "the graph must be run once", got=f"{runs} runs")
    names = set(check_mapping(said, "the result"))
    surplus = sorted(names - set(all_names))
    check(not surplus, "there must be nothing but operations of the graph, also where it has a tf.cond",
          got=", ".join(surplus))  # fmt: skip
    missing = sorted({"fork", "taken", "joined", "end"} - names)
    check(not missing, "whatever ran must be there, a branch that was taken too", got=f"without {', '.join(missing)}")
    surplus = sorted({"not_taken", "not_fed"} & names)
    check(not surplus, "nothing may be there that did not run: a branch not taken, or what a fed value replaced",
          got=", ".join(surplus))  # fmt: skip


@pytest.mark.points(0.5)
def test_session_is_closed(student, rng):
    """The session is closed again, also when the run fails.

    Hint: `with tf1.Session(graph=graph, config=config) as session:`.
    """
    graph = student.run(chain, ["/CPU:0", NOWHERE])
    configs = [student.run(config_for_two_cpus, soft) for soft in (True, False)]
    feeds = [{"start:0": singles(rng, 3)}, {"start:0": singles(rng, 2, 2)}]
    opened, left, alive = student.run(sessions_left_open, student.ran_on, graph, feeds, configs)
    check(min(opened) >= 1, "each run must open a new session, though the caller has one already", got=opened)
    check(left == 0, "no session may be left open, also when a run is refused or stopped", got=f"{left} open")
    check(alive is True, "a session of the caller's must stay open")
