"""Hidden tests of task 3: one's own cache of graphs. That a graph is used shows when fn is not run again."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import close, function_from, singles, tensor
from autograder.grading import TensorData, check, keep, probe, value

NOTED = """\
def f(x):
    f.runs.append(tf.executing_eagerly())
    return {result}


f.runs = []
"""
REPEATED = """\
def f(x, n, y):
    for _ in range(n):
        x = 2.0 * x
    return x - y
"""


STUMBLES = """\
def f(x):
    f.runs.append(x)
    if len(f.runs) == 1:
        raise ValueError("fn fails when it is run for the first time")
    return 2.0 * x


f.runs = []
"""


@probe
def after_a_failure(cache, x):
    """The result of a call after the same call has failed."""
    import contextlib

    with contextlib.suppress(ValueError):
        cache(x)
    return cache(x)


@probe
def runs_of(function):
    """For each run, whether it was an eager one."""
    return function.runs


@probe
def crowd(cache, numbers):
    """Put a graph that is there under a signature for each of these numbers, which is cheaper than to record many."""
    graphs = cache.graphs
    if isinstance(graphs, dict) and graphs:
        graph = next(iter(graphs.values()))
        graphs.update((cache.signature(number), graph) for number in numbers)


def check_no_eager_run(runs):
    """Check what `runs_of` says."""
    must = "fn must run only while a graph is recorded, which then gives the result"
    check(not any(runs), must, got="a run in eager mode")


def new_cache(student, source):
    """A cache for the function that this text defines."""
    return student.GraphCache(student.run(function_from, source))


def check_graphs(cache, count, must):
    """Check how many graphs it holds."""
    got = len(keep(cache).graphs)
    check(got == count, must, got=f"{got} entries in .graphs")


@probe
def has_graphs(cache, calls):
    """For which of these calls graphs has an entry under what signature returns; nothing if it is no dict."""
    if not isinstance(cache.graphs, dict):
        return []
    return [cache.signature(*args, **kwargs) in cache.graphs for args, kwargs in calls]


def calls_apart(x, rng):
    """Pairs of calls with two signatures each, by what they are."""
    shapes = (2, 3), (3, 2), (4, 3), (6,), (1,), (), (2, 3, 4), (2, 5, 4)
    wide, high, rows, long, one, scalar, flat, deep = (tensor(singles(rng, *shape)) for shape in shapes)
    single, integer, byte, boolean = (tensor(np.ones(2), dtype) for dtype in ("float32", "int32", "uint8", "bool"))
    return {
        "f(x, 2.0) and f(2.0, x)": (((x, 2.0), {}), ((2.0, x), {})),
        "f(1, 2) and f(2, 1)": (((1, 2), {}), ((2, 1), {})),
        "f(x, n=y) and f(x, m=y)": (((x,), {"n": x}), ((x,), {"m": x})),
        "f(1234, 5678) and f(12345, 678)": (((1234, 5678), {}), ((12345, 678), {})),
        "f(2 ** 53) and f(2 ** 53 + 1)": (((2**53,), {}), ((2**53 + 1,), {})),
        "f(0.75) and f(0.75 + 2 ** -40)": (((0.75,), {}), ((0.75 + 2**-40,), {})),
        "f of the shapes (2, 3) and (3, 2)": (((wide,), {}), ((high,), {})),
        "f of the shapes (2, 3) and (4, 3)": (((wide,), {}), ((rows,), {})),
        "f of the shapes (2, 3) and (6,)": (((wide,), {}), ((long,), {})),
        "f of the shapes (2, 3, 4) and (2, 5, 4)": (((flat,), {}), ((deep,), {})),
        "f of the shapes () and (1,)": (((scalar,), {}), ((one,), {})),
        "f of float32 and int32": (((single,), {}), ((integer,), {})),
        "f of uint8 and bool": (((byte,), {}), ((boolean,), {})),
    }


@probe
def have_one_signature(cache, pairs):
    """For which of these pairs of calls signature returns the same."""
    return [cache.signature(*one[0], **one[1]) == cache.signature(*two[0], **two[1]) for one, two in pairs]


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda x: 3.0 * x)\n"
    "results = [float(cache(tf.constant(number))) for number in (1.0, 5.0)]\n"
    '{"results": results, "graphs": len(cache.graphs)}',
    gives={"results": [3.0, 15.0], "graphs": 1},
)
def test_new_numbers_go_through_the_same_graph(student, rng):
    """One graph serves all tensors of a dtype and shape, and computes with the numbers of each call.

    Hint: the tensors must be inputs of the graph. A graph that takes them from around it holds the first ones for ever.
    """
    cache = new_cache(student, "def f(x, y):\n    return x * y - x\n")
    check_graphs(cache, 0, "a new cache must be empty")
    for _ in range(3):
        x, y = singles(rng, 3), singles(rng, 3)
        close(cache(tensor(x), tensor(y)), x * y - x, "the result")
        check_graphs(cache, 1, "calls with equal signatures must share one graph")


@pytest.mark.points(1)
@pytest.mark.example(
    "runs = []\n"
    "cache = GraphCache(lambda x: runs.append(1) or 3.0 * x)\n"
    "cache(tf.constant(1.0))\n"
    "before = len(runs)\n"
    "result = cache(tf.constant(5.0))\n"
    '{"runs in the second call": len(runs) - before, "its result": float(result)}',
    gives={"runs in the second call": 0, "its result": 15.0},
)
def test_fn_is_run_only_for_a_new_signature(student, rng):
    """fn runs while its graph is recorded, and never again for that signature.

    Hint: record with get_concrete_function when the signature is not in graphs; otherwise call what is there.
    """
    f = student.run(function_from, NOTED.format(result="2.0 * x + 1.0"))
    cache = student.GraphCache(f)
    first = []
    for length in (2, 5, 2, 5, 2):
        x = singles(rng, length)
        close(cache(tensor(x)), 2 * x + 1, "the result")
        runs = student.run(runs_of, f)
        first.append(len(runs))
        if len(first) == 1:
            student.run(crowd, cache, list(range(1000)))
    check(1 <= first[0] < first[1], "fn must run when a signature is new", got=first)
    must = "fn must not run again for a signature that was met before, however many graphs there are"
    check(first[1] == first[-1], must, got=first)
    check_no_eager_run(runs)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda x: x + x)\n"
    "dtypes = [cache(tf.constant([1.5], dtype)).dtype.name for dtype in (tf.float32, tf.float64)]\n"
    '{"dtypes": dtypes, "graphs": len(cache.graphs)}',
    gives={"dtypes": ["float32", "float64"], "graphs": 2},
)
def test_shapes_and_dtypes(student, rng):
    """Another dtype or shape has a graph of its own, and a tensor of that dtype comes back.

    Hint: both belong to the signature.
    """
    cache = new_cache(student, "def f(x):\n    return x + x\n")
    for shape, dtype in (((2,), "float32"), ((2,), "float64"), ((2, 1), "float32"), ((2,), "float64")):
        x = rng.integers(100, size=shape).astype(dtype)
        result = cache(tensor(x, dtype))
        close(result, 2 * x, "the result")
        check(isinstance(result, TensorData), "the result must be a tensor", got=result)
        check(result.dtype == dtype, "x + x must have the dtype of x", got=result.dtype)
    check_graphs(cache, 3, "three combinations of dtype and shape must be three graphs")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda x, n: n * x)\n"
    "results = [float(cache(tf.constant(5.0), n)) for n in (2.0, 3.0)]\n"
    '{"results": results, "graphs": len(cache.graphs)}',
    gives={"results": [10.0, 15.0], "graphs": 2},
)
def test_python_numbers_by_value(student, rng):
    """Each value of a Python number has a graph of its own; in it, Python has used the number.

    Hint: hand the number to fn as it is, while recording.
    """
    cache = new_cache(student, REPEATED)
    for n in (1, 3, 1):
        x, y = singles(rng, 2), singles(rng, 2)
        close(cache(tensor(x), n, tensor(y)), x * 2**n - y, f"the result of doubling {n} times, less y")
    check_graphs(cache, 2, "two different numbers must be two graphs")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda n: tf.constant(n))\n"
    "dtypes = [cache(number).dtype.name for number in (1, 1.0, True)]\n"
    '{"dtypes": dtypes, "graphs": len(cache.graphs)}',
    gives={"dtypes": ["int32", "float32", "bool"], "graphs": 3},
)
def test_types_of_python_numbers(student):
    """1, 1.0 and True are equal to Python, but they are three signatures.

    Hint: put the type beside the value. A call without tensors goes through a graph like any other.
    """
    f = student.run(function_from, NOTED.format(result="tf.constant(x)"))
    cache = student.GraphCache(f)
    for number, dtype in ((1, "int32"), (1.0, "float32"), (True, "bool"), (1, "int32")):
        result = cache(number)
        check(result.dtype == dtype, f"tf.constant({number}) has another dtype", got=result.dtype)
    check_graphs(cache, 3, "numbers of three types must be three graphs")
    check_no_eager_run(student.run(runs_of, f))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda x: x + 1.0)\n"
    "results = [cache(x).numpy().tolist() for x in (tf.constant([1.0]), np.array([5.0], np.float32))]\n"
    '{"results": results, "graphs": len(cache.graphs)}',
    gives={"results": [[2.0], [6.0]], "graphs": 1},
)
def test_arrays_share_graphs_with_tensors(student, rng):
    """An ndarray goes through the graph of the tensors with its dtype and shape.

    Hint: np.dtype("float32") and tf.float32 must become the same; tf.as_dtype does that.
    """
    cache = new_cache(student, "def f(x):\n    return x + 1.0\n")
    x, y = singles(rng, 2), singles(rng, 2)
    close(cache(tensor(x)), x + 1, "the result for a tensor")
    close(cache(y), y + 1, "the result for an array")
    check_graphs(cache, 1, "an array and a tensor of one dtype and shape must share a graph")
    for doubles in np.float64(x), np.float64(y):
        result = cache(doubles)
        close(result, doubles + 1, "the result for an array of float64")
        check(result.dtype == "float64", "x + 1 must have the dtype of x, an array of float64", got=result.dtype)
    check_graphs(cache, 2, "two arrays of one dtype and shape must share a graph")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache, x = GraphCache(lambda x, a, b: x * a - b), tf.constant(10.0)\n"
    "results = [float(cache(x, a=4.0, b=1.0)), float(cache(x, b=1.0, a=4.0))]\n"
    '{"results": results, "graphs": len(cache.graphs)}',
    gives={"results": [39.0, 39.0], "graphs": 1},
)
def test_keywords(student, rng):
    """The names of keywords count, their order does not. Tensors may come by keyword, too.

    Hint: sort the keywords by name, and put pairs of name and value into the signature. The tensors must go into the
    graph in the same order. A parameter of fn may be called as one of yours is,
    like key: hand keywords on as a dict.
    """
    cache = new_cache(student, "def f(x, key=1.0, b=1.0):\n    return x * key - b\n")
    x = singles(rng, 2)
    close(cache(tensor(x), key=2.0, b=3.0), 2 * x - 3, "f(x, key=2, b=3)")
    close(cache(tensor(x), b=3.0, key=2.0), 2 * x - 3, "f(x, b=3, key=2)")
    check_graphs(cache, 1, "the order of keywords must make no new graph")
    close(cache(tensor(x), key=3.0, b=2.0), 3 * x - 2, "f(x, key=3, b=2)")
    check_graphs(cache, 2, "other values for the same names must be another graph")
    close(cache(tensor(x), key=2.0), 2 * x - 1, "f(x, key=2)")
    close(cache(tensor(x), b=2.0), x - 2, "f(x, b=2)")
    check_graphs(cache, 4, "the same value under another name must be another graph")
    b, c = singles(rng, 2), singles(rng, 2)
    close(cache(b=tensor(b), x=tensor(x), key=2.0), 2 * x - b, "f(b=b, x=x, key=2) with two tensors")
    close(cache(key=2.0, x=tensor(x), b=c), 2 * x - c, "f(key=2, x=x, b=b) with a tensor and an array")
    check_graphs(cache, 5, "two tensors by keyword must be one more graph, whatever their numbers and their order")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "cache = GraphCache(lambda x, n: n * x)\n"
    "cache(tf.constant(5.0), n=2.0)\n"
    "[cache.signature(tf.constant(1.0), n=n) in cache.graphs for n in (2.0, 3.0)]",
    gives=[True, False],
)
def test_graphs_by_signature(student, rng):
    """graphs is a dict, which holds the graph for a call under what signature returns for this call.

    Hint: key = self.signature(*args, **kwargs), and then self.graphs[key]. What counts of a value must stand there at
    its place, or beside its name. While there is no graph, as when fn fails, nothing must stand for it.
    """
    cache = new_cache(student, "def f(x, n=1.0, m=0.0):\n    return n * x - m\n")
    x, other, longer = (tensor(rng.normal(size=n), "float64") for n in (2, 2, 3))  # with which float32 does not go
    cache(x, -1.0)
    cache(x, n=3.0)
    made = [((other, -1.0), {}), ((other,), {"n": 3.0}), ((longer, -1.0), {}), ((other, -2.0), {})]
    got = student.run(has_graphs, cache, [*made, ((other,), {"n": 3})])
    must = "graphs must have the signatures of both calls, and no others: 3 is another number than 3.0"
    check(got == [True, True, False, False, False], must, got=got)
    failing = new_cache(student, STUMBLES)
    close(student.run(after_a_failure, failing, x), 2 * value(x), "the result after fn has failed once")
    check_graphs(failing, 1, "a graph must be there once fn has not failed")
    different = calls_apart(x, rng)
    alike = {
        "f of two tensors of shape ()": (((tensor(singles(rng)),), {}), ((tensor(singles(rng)),), {})),
        "f of two arrays of shape ()": (((np.array(rng.normal()),), {}), ((np.array(rng.normal()),), {})),
    }
    got = student.run(have_one_signature, cache, [*different.values(), *alike.values()])
    for what, equal in zip([*different, *alike], got, strict=True):
        must = f"{what} must have {'one signature' if what in alike else 'two signatures'}"
        check(equal is (what in alike), must, got="one" if equal else "two")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "plus, times = GraphCache(lambda x: x + 5.0), GraphCache(lambda x: x * 5.0)\n"
    "[float(plus(tf.constant(3.0))), float(times(tf.constant(3.0)))]",
    gives=[8.0, 15.0],
)
def test_caches_are_separate(student, rng):
    """Two caches for two functions have nothing to do with each other.

    Hint: make the dict in __init__, not in the class.
    """
    double, square = (student.run(function_from, f"def f(x):\n    return {of_x}\n") for of_x in ("2.0 * x", "x * x"))
    twice, squared = student.GraphCache(double), student.GraphCache(square)
    x = singles(rng, 2)
    close(twice(tensor(x)), 2 * x, "the first cache's result")
    close(squared(tensor(x)), x * x, "the second cache's result")
    check_graphs(twice, 1, "the first cache must hold its own graph only")
    check_graphs(student.GraphCache(double), 0, "a new cache must be empty, also when another serves the same function")
