"""Hidden tests of task 8: a list that grows inside a loop. Values and gradients come from the exported graph."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import (
    Graph,
    check_float32,
    check_traces,
    close,
    gradient_of,
    gradient_of_sums,
    singles,
    sums_above_zero,
    tensor,
    with_a_restart,
)
from autograder.grading import check

ANY = ([None], "float32")
SHORT = np.float32([1.0, 2.0, 0.5])


@pytest.mark.points(1)
@pytest.mark.example(
    "graph = running_sums.get_concrete_function(tf.TensorSpec([None], tf.float32))\n"
    "graph(tf.constant([1.0, -3.0, 2.0])).numpy()",
    gives=[1.0, 0.0, 2.0],
)
def test_one_graph_for_all_lengths(student, clean, rng):
    """One graph gives the sums for inputs of any length.

    Hint: loop over tf.range(tf.size(xs)), so that the loop is in the graph; collect with a TensorArray. The
    sums are cut off below zero, and nowhere else.
    """
    graph = Graph(student, clean, student.running_sums, ANY)
    below_zero = with_a_restart(rng, 7)[1:]  # it begins with a negative number
    tiny = np.float32(2.0**-40) * with_a_restart(rng, 6)
    many = np.abs(singles(rng, 1100))  # the last sum needs all of them
    twice = np.float32([1.0, -5.0, 2.0, -3.0, 4.0])  # falls below zero
    inputs = [1e30 * np.abs(singles(rng, 1)), below_zero[:1], tiny, below_zero, many, twice]
    for xs, (sums,) in zip(inputs, graph(*[[xs] for xs in inputs]), strict=True):
        unit = np.max(np.abs(xs))
        close(sums / unit, sums_above_zero(xs) / unit, f"the result for {len(xs)} numbers, in units of the largest")


@pytest.mark.points(0.5)
@pytest.mark.example("running_sums(tf.zeros([0])).numpy().tolist()", gives=[])
def test_nothing_in_nothing_out(student, clean):
    """Without numbers there are no sums: the result has the length 0.

    Hint: begin with a sum of 0, not with the first number.
    """
    (sums,), (others,) = Graph(student, clean, student.running_sums, ANY)([np.zeros(0, np.float32)], [SHORT])
    close(sums, np.zeros(0), "the result for no numbers")
    close(others, sums_above_zero(SHORT), "the result for three numbers")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "for length in (1, 4):\n    running_sums(tf.ones(length))\nrunning_sums.experimental_get_tracing_count()",
    gives=1,
)
def test_one_trace(student, rng):
    """Tensors, arrays and lists of any length go through one graph, and float32 tensors come back.

    Hint: an input_signature with the shape [None].
    """
    for length in (2, 3, 5):
        xs = np.abs(singles(rng, length))
        for given in (tensor(xs), xs, [float(x) for x in xs]):
            sums = student.running_sums(given)
            close(sums, sums_above_zero(xs), f"the result for {length} numbers")
            check_float32(sums, "the result")
    check_traces(student, student.running_sums, 1, "three lengths must be one trace")


@pytest.mark.points(0.5)
@pytest.mark.example("running_sums(tf.constant([2.0]))\nrunning_sums(tf.constant([3.0])).numpy()", gives=[3.0])
def test_calls_do_not_remember(student, rng):
    """Each call begins at zero, whatever was summed before.

    Hint: the running sum is an ordinary tensor of the loop, not a variable.
    """
    xs = np.abs(singles(rng, 3)) + 1
    for call in ("first", "second"):
        close(student.running_sums(tensor(xs)), sums_above_zero(xs), f"the result of the {call} call")


@pytest.mark.points(1)
@pytest.mark.example(
    "xs = tf.constant([1.0, -3.0, 2.0, 1.0])\n"
    "with tf.GradientTape() as record:\n"
    "    record.watch(xs)\n"
    "    total = tf.reduce_sum(running_sums(xs))  # 1 + 0 + 2 + 3\n"
    "record.gradient(total, xs)",
    gives=[1.0, 0.0, 2.0, 1.0],
)
def test_gradient(student, clean, rng):
    """The gradient flows back through the loop, to every number since the sum was last zero.

    Hint: TensorArray, tf.scan and tf.while_loop can be differentiated; assigning to a variable and NumPy cannot.
    """
    specs = [ANY, ANY]
    graph = Graph(student, clean, student.run(gradient_of, student.running_sums, *specs), *specs)
    cases = [(with_a_restart(rng, length), singles(rng, length)) for length in (4, 30)]
    cases[1][0][10] = -99.0  # more than there is: it falls to zero for a second time
    for (xs, g), outputs in zip(cases, graph(*cases), strict=True):
        check(len(outputs) == 1, "a gradient must reach xs", got="no gradient")
        close(outputs[0], gradient_of_sums(xs, g), f"the gradient for {len(xs)} numbers")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = running_sums.get_concrete_function(tf.TensorSpec([None], tf.float32)).graph\n"
    'any("PyFunc" in node.op for node in graph.as_graph_def().node)',
    gives=False,
)
def test_no_python_in_the_graph(student, clean):
    """The sums are computed by TensorFlow's operations, not by a call back into Python.

    Hint: tf.numpy_function would hide the loop from the graph.
    """
    graph = Graph(student, clean, student.running_sums, ANY)
    graph.check_without_python()
    ((sums,),) = graph([SHORT])
    close(sums, sums_above_zero(SHORT), "the result for three numbers")
