"""Hidden tests of task 2: the rules of retracing, one by one, each with calls of a known number of traces."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import singles, tensor
from autograder.grading import assert_close, check, is_a, probe


def calls(*arguments):
    """Calls by position."""
    return [(args, {}) for args in arguments]


def expect(student, made, count):
    """Check one prediction."""
    assert_close(student.predict_traces(made), count, what="the number of traces", shape=False)


@pytest.mark.points(0.5)
@pytest.mark.example("predict_traces([((tf.constant([1.0, 2.0]),), {}), ((tf.constant([3.0, 4.0]),), {})])", gives=1)
def test_numbers_in_tensors_do_not_count(student, rng):
    """Tensors of one dtype and shape share a graph, whatever numbers they hold.

    Hint: of a tensor, take dtype and shape only.
    """
    made = calls(*[(tensor(singles(rng, 2)),) for _ in range(4)])
    got = student.predict_traces(made)
    check(is_a(got, int), "the number of traces must be an int", got=got)
    expect(student, made, 1)
    expect(student, calls(*[(tensor(singles(rng)),) for _ in range(3)]), 1)
    expect(student, [], 0)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "tensors = [tf.zeros(2), tf.zeros(5), tf.zeros(2, tf.int32), tf.ones(2)]\n"
    "predict_traces([((x,), {}) for x in tensors])",
    gives=3,
)
def test_shapes_and_dtypes_count(student, rng):
    """Each combination of dtype and shape is traced once, however often and in whatever order it comes.

    Hint: float32 and float64 differ, and so do the shapes (), (1,) and (1, 1), (2, 3) and (3, 2).
    """
    shapes = (), (1,), (1, 1), (3,), (2, 3), (3, 2), (4, 3), (2, 5), (6,), (0,), (2, 3, 4), (2, 5, 4)
    kinds = [(shape, "float32") for shape in shapes]
    kinds += [((3,), dtype) for dtype in ("float64", "int32", "uint32", "uint8", "bool")]  # some of one size
    made = [kinds[i] for i in rng.permutation([*range(17), 0, 2, 2, 13])]
    expect(student, calls(*[(tensor(rng.integers(1_000_000, size=shape), dtype),) for shape, dtype in made]), 17)


@pytest.mark.points(0.5)
@pytest.mark.example("predict_traces([((number,), {}) for number in (1, 2, 2, 0.5)])", gives=3)
def test_python_numbers_count_by_value(student, rng):
    """Each value of a Python number is another graph, and so is the same number for another parameter.

    Hint: a Python number goes into the signature as it is, at its place. As floats, some large ints are equal, and
    in single precision some floats.
    """
    x = tensor(singles(rng, 2))
    values = [int(n) for n in rng.choice(100, size=4, replace=False) + 2]
    values += [0.25, 0.75, -1, -2, 2**53, 2**53 + 1, 0.75 + 2**-40]
    made = [values[i] for i in rng.permutation([*range(11), 0, 5, 1])]
    expect(student, calls(*[(x, value) for value in made]), 11)
    expect(student, calls(*[(value,) for value in made]), 11)
    one, other = values[:2]  # smaller than what follows
    pairs = (one, other), (other, one), (one, one), (one, other), (1234, 5678), (12345, 678)
    expect(student, calls(*pairs), 5)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "given = [tf.constant([3.0, 4.0]), np.array([1.0, 2.0], np.float32), np.array([1.0, 2.0])]\n"
    "predict_traces([((x,), {}) for x in given])  # float32 twice, and float64",
    gives=2,
)
def test_arrays_count_as_tensors(student, rng):
    """An ndarray shares its graph with tensors of the same dtype and shape.

    Hint: np.dtype("float32") and tf.float32 must become the same; tf.as_dtype does that.
    """
    made = [tensor(singles(rng, 2)), singles(rng, 2), rng.normal(size=2), tensor(singles(rng, 2)), singles(rng, 2)]
    expect(student, calls(*[(x,) for x in made]), 2)
    others = np.zeros(3), np.zeros(4), tensor(np.ones(3), "float64"), singles(rng, 3), rng.normal(size=3)
    expect(student, calls(*zip(made, others, strict=True)), 4)
    expect(student, calls(*[(np.array(rng.normal()),) for _ in range(3)]), 1)


@probe
def with_one_dict(predict_traces, x, n):
    """Calls that share a dict of keywords: an empty one, and one with y; the latter are asked about twice."""
    empty, keywords = {}, {"y": n}
    same = [((x,), keywords), ((x,), keywords), ((), {"x": x, "y": n})]
    return [predict_traces(calls) for calls in ([((x, n), empty), ((x,), empty)], same, same)]


@pytest.mark.points(0.5)
@pytest.mark.example(
    'x = tf.zeros(2)\npredict_traces([((x,), {}), ((x, 0), {}), ((), {"y": 0, "x": x}), ((x, 7), {})])',
    gives=2,
)
def test_the_form_of_a_call_does_not_count(student, rng):
    """By position or by keyword, in any order, and a default given or left out: it is the same call.

    Hint: bind the arguments to the parameters of f(x, y=0) first, in a place of your own: the dicts are the caller's.
    An argument is left out if it is not there, not if it is 0.
    """
    x, n = tensor(singles(rng, 2)), int(rng.integers(1, 100))
    same = [((x, n), {}), ((x,), {"y": n}), ((), {"x": x, "y": n}), ((), {"y": n, "x": x})]
    expect(student, same, 1)
    expect(student, [((x,), {}), ((), {"x": x}), ((x, 0), {}), ((), {"y": 0, "x": x}), *same], 2)
    zero, pair = tensor(0.0), np.zeros(2)  # each as y: by position, and by keyword
    given = [((x,), {}), *(call for y in (zero, pair) for call in (((x, y), {}), ((x,), {"y": y}))), ((), {"x": 0})]
    expect(student, [*given, ((0,), {})], 4)
    traces = student.run(with_one_dict, student.predict_traces, x, n)
    kinds = "two calls with one empty dict", "calls with one dict of keywords", "the same calls, asked about again"
    for count, expected, kind in zip(traces, (2, 1, 1), kinds, strict=True):
        assert_close(count, expected, what=f"the number of traces of {kind}", shape=False)


@pytest.mark.points(0.5)
@pytest.mark.example("predict_traces([((0.5, n), {}) for n in range(2, 52)])", gives=50)
@pytest.mark.timeout(2)
def test_many_calls(student):
    """5,000 calls are predicted in less time than tracing them, or comparing each with all before it, would take.

    Hint: make no graph at all: apply the rules, and put the signatures into a set, which forgets none of them.
    """
    numbers = [*range(2, 4902), *range(2, 4902, 49)]  # the last 100 are known, some for long and some for a short time
    expect(student, calls(*[(1.5, n) for n in numbers]), 4900)
