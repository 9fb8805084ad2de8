"""Hidden tests of task 1: from Variable to gradient. The functions are the grader's."""

import numpy as np
import pytest

from autograder.graders.chainer_iris.oracles import listed
from autograder.graders.oracles import numeric_gradients
from autograder.grading import assert_close, check, probe, type_name, value


@probe
def mixture(a, b):
    import chainer.functions as F

    return F.tanh(a) * b + a * a


def mixture_in_numpy(a, b):
    return np.tanh(a) * b + a * a


@probe
def dot(a, b):
    import chainer.functions as F

    return F.sum(a * b)


@probe
def second_only(a, b, c):
    return b * b


@probe
def half(a):
    import chainer

    return a * (0.5 if chainer.config.train else 1.0)  # f is called as its caller would call it


@probe
def where_float32_is_usual(gradients, array, upstream):
    import chainer

    with chainer.using_config("dtype", "float32"):
        return list(gradients(lambda a: a * 0.5, [array], upstream))


@probe
def itself(a):
    return a


@probe
def constant(a, b):
    import chainer
    import numpy as np

    return chainer.Variable(np.ones(2))


@probe
def write_into_each_result(gradients, arrays, upstream):
    import chainer.functions as F

    # Chainer hands a and b one new array, c the very array of y.grad, and d a view of it; the last two are not used.
    # Then a and c change places
    def f(a, b, c, d, *unused):
        return 2.0 * (a + b) + (c + F.reshape(d, (3,)))

    arrays = [arrays[0], arrays[0], *arrays[2:]]  # one array twice, which makes two Variables all the same
    calls = []
    for function in (f, lambda c, b, a, d, *unused: f(a, b, c, d)):
        results = gradients(function, arrays, upstream)
        for place, result in enumerate(results):
            result += 10.0**place
        calls.append(list(results))
    later = gradients(f, arrays, upstream)
    return [*calls, arrays, upstream, list(later)]


@probe
def count_calls(gradients, arrays, upstream):
    calls = []

    def f(a, b):
        calls.append(1)
        return a * b if len(calls) == 1 else a - b

    once = [gradients(f, arrays, upstream), len(calls)]
    return [*once, gradients(f, arrays, upstream)]  # the same objects, and f is another function by now


@pytest.mark.points(1)
@pytest.mark.example("gradients(lambda a: a * a, [[1.0, 2.0]], [1.0, 10.0])[0]", gives=[2.0, 40.0])
def test_upstream(student, rng):
    """The gradients are those of f, weighted by upstream.

    Hint: y.grad = upstream before y.backward().
    """
    arrays, g = [rng.normal(size=(2, 3)), rng.normal(size=(2, 3))], rng.normal(size=(2, 3))
    got = listed(student.gradients(mixture, arrays, g), 2, "the gradients")
    for place, expected in enumerate(numeric_gradients(mixture_in_numpy, arrays, g)):
        assert_close(got[place], expected, what=f"gradient {place}", rtol=1e-5, atol=1e-7)
    deep, g = rng.normal(size=(2, 2, 1, 3))
    g[0, 0, 0] = np.inf
    (got,) = listed(student.gradients(itself, [deep], g), 1, "the gradients")
    assert_close(got, g, what="the gradient of f, which gives back its own argument of three axes,")


@pytest.mark.points(0.5)
@pytest.mark.example("gradients(lambda a: F.sum(a * a), [[1.0, 2.0]], 3.0)[0]", gives=[6.0, 12.0])
def test_single_number(student, rng):
    """A result of one number counts its upstream, too.

    Hint: Chainer starts with 1 only when y.grad is None; set it in any case.
    """
    (a, b), g = rng.normal(size=(2, 4)), rng.uniform(2.0, 3.0, size=())
    got = listed(student.gradients(dot, [a, b], g), 2, "the gradients")
    assert_close(got[0], g * b, what="gradient 0")
    assert_close(got[1], g * a, what="gradient 1")
    for shape in ((), (1, 1)):
        (one,) = listed(student.gradients(half, [np.full(shape, 3.0)], np.full(shape, g)), 1, "the gradients")
        assert_close(one, np.full(shape, g / 2), what="the gradient of a single number")


@pytest.mark.points(0.5)
@pytest.mark.example("gradients(lambda a, b: b * b, [[1.0], [3.0]], [2.0])", gives=[[0.0], [12.0]])
def test_unused(student, rng):
    """An array that f does not use has the gradient zero, in its own shape.

    Hint: grad is None there; np.zeros(x.shape).
    """
    whole, used, g = rng.integers(1, 9, size=3), *rng.normal(size=(2, 2, 2))
    for unused, given in ((rng.normal(size=3), used), (whole, used.tolist())):
        got = listed(student.gradients(second_only, [unused, given, rng.normal(size=())], g), 3, "the gradients")
        assert_close(got[0], np.zeros(3), what="the gradient of an array that is not used")
        assert_close(got[1], 2 * g * used, what="the gradient of the one that is")
        assert_close(got[2], 0.0, what="the gradient of a number that is not used")
        kinds = [str(getattr(value(gradient), "dtype", type_name(gradient))) for gradient in got]
        check(kinds == ["float64"] * 3, "zeros must be float64 as well, whatever the array that is not used", got=kinds)
    got = listed(student.gradients(constant, [used, whole], [1.0, 2.0]), 2, "the gradients of a constant f")
    assert_close(got[0], np.zeros((2, 2)), what="the first gradient of a constant f")
    assert_close(got[1], np.zeros(3), what="the second gradient of a constant f")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "(g,) = gradients(lambda a: 0.5 * a, [[1, 2]], [1, 3])\n"
    "{'gradient': g, 'a float64 array': isinstance(g, np.ndarray) and g.dtype == np.float64}",
    gives={"gradient": [0.5, 1.5], "a float64 array": True},
)
def test_integers(student, rng):
    """Integers count as real numbers: nothing behind the decimal point is cut off, and float64 arrays come back.

    Hint: make float64 arrays of them before they become Variables; x.grad is an array again.
    """
    whole, odd, g = rng.integers(1, 9, size=4), 2 * rng.integers(1, 9, size=4) + 1, rng.normal(size=4)
    for given, upstream in (
        (whole, g),
        (whole.tolist(), odd.tolist()),
        (whole.astype(np.int32), odd.astype(np.int32)),
        (whole.astype(np.uint8), odd.astype(np.float32)),
        (whole.astype(np.float32), odd + 0.1),  # which float32 does not have
    ):
        (got,) = listed(student.gradients(half, [given], upstream), 1, "the gradients")
        kind = getattr(given, "dtype", "a list of integers")
        assert_close(got, np.asarray(upstream) / 2, what=f"the gradient at whole numbers ({kind})", rtol=1e-12)
        right = isinstance(got, np.ndarray) and got.dtype == np.float64
        check(right, f"the gradient must be an ndarray, float64, where the numbers are {kind}", got=got)
    got = student.run(where_float32_is_usual, student.gradients, odd + 0.1, odd + 0.1)
    (got,) = listed(got, 1, "the gradients")
    assert_close(got, (odd + 0.1) / 2, what="the gradient where chainer.config.dtype is float32", rtol=1e-12)


@pytest.mark.points(1)
@pytest.mark.example("one, two = gradients(lambda a, b: a + b, [[1.0], [1.0]], [3.0])\none += 1000.0\ntwo", gives=[3.0])
def test_own_arrays(student, rng):
    """Writing into one gradient changes neither another nor what was passed in.

    Hint: in a sum Chainer passes the very array of y.grad on to every term. Copy.
    """
    g, arrays = rng.normal(size=3), [rng.normal(size=shape) for shape in (3, 3, (1, 3), 3, 3)]
    arrays.insert(0, arrays[0])
    expected, turned = (
        [(n * g).reshape(array.shape) for n, array in zip(counts, arrays, strict=True)]
        for counts in ((2, 2, 1, 1, 0, 0), (1, 2, 2, 1, 0, 0))
    )
    got = student.run(write_into_each_result, student.gradients, arrays, g)
    *calls, passed_in, upstream, later = listed(got, 5, "what came back")
    for results, gradients in zip(calls, (expected, turned), strict=True):
        for place, result in enumerate(listed(results, 6, "the gradients")):
            assert_close(result, gradients[place] + 10.0**place, what="a gradient after writing into the others")
    for before, after in zip(arrays, listed(passed_in, 6, "the arrays"), strict=True):
        assert_close(after, before, what="an array after writing into the gradients")
    assert_close(upstream, g, what="upstream after writing into the gradients")
    for gradient, result in zip(expected, listed(later, 6, "the gradients of a second call"), strict=True):
        what = "a gradient of a second call, after writing into those of the first"
        assert_close(result, gradient, what=what, rtol=1e-12)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "calls = []\n"
    "def f(a, b):\n"
    "    calls.append('one')\n"
    "    return a * b\n"
    "gradients(f, [[1.0], [2.0]], [1.0])\n"
    "len(calls)",
    gives=1,
)
def test_called_once(student, rng):
    """f is called once: what it decides by chance, it decides once.

    Hint: one forward pass, one backward pass, and then the gradients of all leaves.
    """
    (a, b), g = rng.normal(size=(2, 3)), rng.normal(size=3)
    results, calls, later = listed(student.run(count_calls, student.gradients, [a, b], g), 3, "what came back")
    check(calls == 1, "f must be called once", got=calls)
    results = listed(results, 2, "the gradients")
    assert_close(results[0], g * b, what="gradient 0 of the one call")
    assert_close(results[1], g * a, what="gradient 1 of the one call")
    later = listed(later, 2, "the gradients of a second call")
    assert_close(later[1], -g, what="gradient 1 of a second call with the same f, which subtracts now")
