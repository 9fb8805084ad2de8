"""Hidden tests of task 8: a configuration, exported; and what ran where, in sessions with two CPUs."""

import numpy as np
import pytest

from autograder.graders.device_placement.callers import check_kept
from autograder.graders.device_placement.oracles import (
    chain,
    check_mapping,
    config_for_two_cpus,
    place,
    singles,
)
from autograder.graders.device_placement.sessions import (
    sessions_left_open,
    times_it_ran,
    with_a_check,
    with_a_variable,
)
from autograder.grading import check, probe, raises

NOWHERE = "/GPU:63"


@probe
def exported(session_config):
    configs = [session_config(soft, log) for soft in (False, True) for log in (False, True)]
    return [config.SerializeToString() for config in configs]


@probe
def soft_config():
    """A configuration in which nothing else is set."""
    import tensorflow as tf

    return tf.compat.v1.ConfigProto(allow_soft_placement=True)


@probe
def after_a_change(session_config):
    """What a second configuration has when the first one was changed."""
    session_config(True, True).allow_soft_placement = False
    return session_config(True, True).allow_soft_placement


@probe
def settings_for_all(session_config):
    """Whether TensorFlow's own settings for placement and its log are afterwards as before, if a session's differ."""
    import tensorflow as tf

    def own():
        return tf.config.get_soft_device_placement(), tf.debugging.get_log_device_placement()

    soft, log = before = own()
    session_config(not soft, not log)
    return own() == before


@probe
def settings_in(blobs):
    import tensorflow as tf

    configs = [tf.compat.v1.ConfigProto.FromString(blob) for blob in blobs]
    return [[config.allow_soft_placement, config.log_device_placement] for config in configs]


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
    soft = student.run(after_a_change, student.session_config)
    check(soft is True, "each call must make a configuration: a change of one may not be in the next", got=soft)
    kept = student.run(settings_for_all, student.session_config)
    check(kept is True, "TensorFlow's own settings must stay: the configuration is one session's")


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
    with raises("ValueError", "KeyError"):  # the operation has no such output
        student.ran_on(graph, "end:7", {"start:0": np.ones(2)}, config)
    with raises("FailedPreconditionError"):  # a variable has no value
        student.ran_on(student.run(with_a_variable), "unset:0", {}, config)


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
    missing = sorted({"fork", "taken", "joined", "awaited", "end"} - names)
    check(not missing, "whatever ran must be there, a branch that was taken too, and what others only wait for",
          got=f"without {', '.join(missing)}")  # fmt: skip
    surplus = sorted({"not_taken", "not_fed"} & names)
    check(not surplus, "nothing may be there that did not run: a branch not taken, or what a fed value replaced",
          got=", ".join(surplus))  # fmt: skip


@pytest.mark.points(0.5)
def test_session_is_closed(student, rng):
    """Each run has a new session with the configuration given, which is closed again, also when the run fails.

    Hint: `with tf1.Session(graph=graph, config=config) as session:`.
    """
    graph = student.run(chain, ["/CPU:0", NOWHERE])
    configs = [student.run(config_for_two_cpus, soft) for soft in (True, False)]
    feeds = [{"start:0": singles(rng, 3)}, {"start:0": singles(rng, 2, 2)}]
    opened, left, alive, stopped, as_given = student.run(sessions_left_open, student.ran_on, graph, feeds, configs)
    check(min(opened) >= 1, "each run must open a new session, though the caller has one already", got=opened)
    check(left == 0, "no session may be left open, also when a run is refused or stopped", got=f"{left} open")
    check(alive is True, "a session of the caller's must stay open")
    check(stopped is True, "what stops a run, such as Ctrl-C, must be passed on")
    check(as_given is True, "a session must get what the configuration says of devices, placement and the log")
    check_kept(student, "the graph, what is fed and the configuration must stay as they were", student.ran_on, graph,
               "n1:0", feeds[0], student.run(soft_config))  # fmt: skip
