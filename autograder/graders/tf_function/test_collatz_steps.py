"""Hidden tests of task 7: a loop that depends on the data. One graph, judged where no Python of the student's is."""

import pytest

from autograder.graders.tf_function.oracles import Graph, check_traces, collatz, tensor
from autograder.grading import assert_close, check

LONG, HIGH = 5_700_794_397_563_890_850, 319_804_831
"""The first takes 2040 steps; the second comes by a number of 61 bits, of which float64 keeps 53."""


@pytest.mark.points(1)
@pytest.mark.example("int(collatz_steps(tf.constant(77031, tf.int64)))", gives=350)
@pytest.mark.timeout(2)
def test_one_graph_has_the_whole_loop(student, clean, rng):
    """One graph gives the number of steps for every n: loop and both branches are in it.

    Hint: with n a tensor, AutoGraph turns while and if into operations.
    """
    graph = Graph(student, clean, student.collatz_steps, ([], "int64"))
    numbers = [2, 3, 27, 2**13, 2**62, *(int(n) for n in rng.integers(4, 10_000, size=4)), LONG, HIGH]
    for n, (steps,) in zip(numbers, graph(*[[n] for n in numbers]), strict=True):
        assert_close(steps, collatz(n), what=f"the number of steps from {n}")


@pytest.mark.points(0.5)
@pytest.mark.example("int(collatz_steps(tf.constant(1, tf.int64)))", gives=0)
@pytest.mark.timeout(2)
def test_one_is_there_already(student, clean):
    """From 1 it takes no step.

    Hint: ask whether n is 1 before the first step.
    """
    (steps,), (more,) = Graph(student, clean, student.collatz_steps, ([], "int64"))([1], [6])
    assert_close(steps, 0, what="the number of steps from 1")
    assert_close(more, collatz(6), what="the number of steps from 6")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "for n in (8, tf.constant(8, tf.int64), 9):\n"
    "    steps = collatz_steps(n)\n"
    '{"dtype": steps.dtype.name, "traces": collatz_steps.experimental_get_tracing_count()}',
    gives={"dtype": "int64", "traces": 1},
)
@pytest.mark.timeout(2)
def test_one_trace_for_ints_and_tensors(student, rng):
    """Python ints and tensors go through the same graph, and an int64 tensor comes back.

    Hint: an input_signature turns Python ints into tensors.
    """
    for n in (int(n) for n in rng.choice(100, size=3, replace=False) + 2):
        for given in (n, tensor(n, "int64")):
            steps = student.collatz_steps(given)
            assert_close(steps, collatz(n), what=f"the number of steps from {n}")
            check(steps.dtype == "int64", "the result must be int64", got=steps.dtype)
    check_traces(student, student.collatz_steps, 1, "all numbers together must be one trace")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graphs = [collatz_steps.get_concrete_function(n).graph.as_graph_def() for n in (2, 9)]\n"
    "len(graphs[0].node) == len(graphs[1].node)",
    gives=True,
)
@pytest.mark.timeout(2)
def test_size_does_not_depend_on_the_number(student, clean):
    """The graph for a number with many steps is not larger than that for one with few.

    Hint: a Python int lets Python run the loop while tracing. Let no Python int in.
    """
    few, many = (len(Graph(student, clean, student.collatz_steps, n).operations()) for n in (3, 97))
    check(few == many, "the graphs for 3 and for 97 must have equal size", got=f"{few} and {many} nodes")
    ((steps,),) = Graph(student, clean, student.collatz_steps, ([], "int64"))([3])
    assert_close(steps, collatz(3), what="the number of steps from 3")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = collatz_steps.get_concrete_function(tf.TensorSpec([], tf.int64)).graph\n"
    'any("PyFunc" in node.op for node in graph.as_graph_def().node)',
    gives=False,
)
@pytest.mark.timeout(2)
def test_no_python_in_the_graph(student, clean):
    """The steps are counted by TensorFlow's operations, not by a call back into Python.

    Hint: tf.py_function would hide the loop from the graph.
    """
    graph = Graph(student, clean, student.collatz_steps, ([], "int64"))
    graph.check_without_python()
    ((steps,),) = graph([6])
    assert_close(steps, collatz(6), what="the number of steps from 6")
