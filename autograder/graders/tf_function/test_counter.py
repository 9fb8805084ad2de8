"""Hidden tests of task 4: state in variables. In the end the graphs count where no Python of the student's is."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import (
    check_float32,
    check_traces,
    close,
    save_signatures,
    singles,
    tensor,
)
from autograder.grading import assert_close, check, probe, read_folder, value


@probe
def kinds(counter):
    """The dtypes of both variables; of anything else, its type's name."""
    import tensorflow as tf

    both = counter.count, counter.total
    return [one.dtype.name if isinstance(one, tf.Variable) else type(one).__name__ for one in both]


@pytest.mark.points(1)
@pytest.mark.example(
    "counter = Counter()\n"
    "for number in (1.0, 2.0, 4.0):\n"
    "    counter(tf.constant(number))\n"
    "is_int64 = tf.convert_to_tensor(counter.count).dtype == tf.int64\n"
    '{"count": int(counter.count), "total": float(counter.total), "count is int64": is_int64}',
    gives={"count": 3, "total": 7.0, "count is int64": True},
)
def test_every_call_counts(student, rng):
    """Each call adds one to count and its numbers to total, not only the call that is traced.

    Hint: count.assign_add(1) is an operation; appending to a list or adding to a Python int is none. A call with no
    numbers at all is a call, too.
    """
    counter, total = student.Counter(), 0.0
    found = student.run(kinds, counter)
    check(found == ["int64", "float32"], "count must be a tf.Variable of int64 and total one of float32", got=found)
    for calls, shape in enumerate(((2, 1, 3), (2, 1, 3), (0,)), 1):
        x = singles(rng, *shape)
        total += float(x.sum())
        counter(tensor(x))
        assert_close(value(counter.count), calls, what=f"count after {calls} calls")
        close(value(counter.total), total, f"total after {calls} calls")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "counter = Counter()\n[float(counter(tf.constant(number))) for number in (1.0, 2.0, 6.0)]",
    gives=[1.0, 1.5, 3.0],
)
def test_mean_includes_this_call(student, rng):
    """What a call returns has this call in it: both variables are changed before they are read.

    Hint: in a tf.function reads and writes of a variable happen in the order in which you write them.
    """
    counter, total = student.Counter(), 0.0
    for calls, x in enumerate((singles(rng), np.float32(0.0), singles(rng)), 1):
        total += float(x)
        mean = counter(tensor(x))
        close(mean, total / calls, f"what call {calls} returns")
        check_float32(mean, "what a call returns")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "counter = Counter()\n"
    "counter(tf.constant(5.0))\n"
    "[float(counter.restart()), float(counter.total), float(counter.count)]",
    gives=[5.0, 0.0, 0.0],
)
def test_restart(student, rng):
    """restart returns the total there was, and begins again from 0, whatever it was.

    Hint: a variable that is returned after assign(0) is 0. Read it before, with read_value(). An infinite number minus
    itself is not 0.
    """
    counter = student.Counter()
    x, y, z = (singles(rng, 2) for _ in range(3))
    for batches in ([x, y], [], [np.float32([np.inf, 1.0])], [z]):
        for calls, batch in enumerate(batches, 1):
            close(counter(tensor(batch)), float(np.sum(batches[:calls])) / calls, "the mean since the last restart")
        before = counter.restart()
        close(before, float(np.sum(batches)), "what restart returns")
        check_float32(before, "what restart returns")
        assert_close(value(counter.count), 0, what="count after restart")
        close(value(counter.total), 0.0, "total after restart")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "counter = Counter()\n"
    "for number in (1.0, 2.0):\n"
    "    counter(tf.constant(number))\n"
    '{"count": int(counter.count), "traces": counter.__call__.experimental_get_tracing_count()}',
    gives={"count": 2, "traces": 1},
)
def test_one_graph(student, rng):
    """All calls with equal shapes go through one graph, and the count is right all the same.

    Hint: leave __call__ a tf.function, and give it nothing but tensors to depend on.
    """
    counter = student.Counter()
    for _ in range(4):
        counter(tensor(singles(rng, 2)))
    check_traces(student, counter, 1, "four calls with equal shapes must be one trace", method="__call__")
    assert_close(value(counter.count), 4, what="count after 4 calls")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "one, other = Counter(), Counter()\n"
    "one(tf.constant(5.0)), one(tf.constant(5.0)), other(tf.constant(3.0))\n"
    "[int(one.count), int(other.count)]",
    gives=[2, 1],
)
def test_counters_are_separate(student, rng):
    """Each Counter has variables of its own.

    Hint: make them in __init__, not in the class.
    """
    one, other = student.Counter(), student.Counter()
    x, y = singles(rng, 2), singles(rng, 2)
    one(tensor(x))
    one(tensor(x))
    close(other(tensor(y)), float(y.sum()), "the other counter's first mean")
    assert_close(value(one.count), 2, what="the first counter's count")
    assert_close(value(other.count), 1, what="the other counter's count")


@pytest.mark.points(1)
@pytest.mark.example(
    "counter = Counter()\n"
    "graph = counter.__call__.get_concrete_function(tf.TensorSpec([], tf.float32))\n"
    "means = [float(graph(tf.constant(number))) for number in (1.0, 2.0)]\n"
    '{"means": means, "calls Python": any("PyFunc" in node.op for node in graph.graph.as_graph_def().node)}',
    gives={"means": [1.0, 1.5], "calls Python": False},
)
def test_the_graph_counts_by_itself(student, clean, rng):
    """Saved and loaded elsewhere, without your Python, the graphs still count, add up and restart.

    Hint: all state must be in tf.Variables, and all changes must be their assign or assign_add.
    """
    counter = student.Counter()
    functions = {"add": (counter, {"x": ([None], "float32")}), "restart": (counter.restart, {})}
    student.run(save_signatures, counter, "counter", functions)
    x, y, z = singles(rng, 3), singles(rng, 2), singles(rng, 4)
    calls = [("add", {"x": x}), ("add", {"x": y}), ("restart", {}), ("add", {"x": z})]
    first, second, before, third = clean.saved_model(student.run(read_folder, "counter"), calls)
    close(first["y"], np.sum(x), "the first mean")
    close(second["y"], (np.sum(x) + np.sum(y)) / 2, "the second mean")
    close(before["y"], np.sum(x) + np.sum(y), "what restart returns")
    close(third["y"], np.sum(z), "the mean after restart")
