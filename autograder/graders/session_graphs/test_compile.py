"""Hidden tests of task 7: a function made of a graph."""

import numpy as np
import pytest

from autograder.graders.session_graphs.oracles import check_types
from autograder.graders.session_graphs.probes import (
    after_a_failure,
    again_after_a_change,
    called_twice,
    counted,
    handed_on,
    in_a_block,
    ladder,
    positive,
    without_value,
)
from autograder.grading import assert_close, check, is_a, raises, value


@pytest.mark.points(0.5)
@pytest.mark.example(
    "first, second = placeholder(), placeholder()\n"
    "f, a = compile(second - first), np.ones(2, dtype='float32')\n"
    "[f(1.0, 5.0), *f([1, 2], [5, 5]), str(f(a, a).dtype)]",
    gives=[4.0, 4.0, 3.0, "float64"],
)
def test_order_of_the_arguments(student, rng):
    """compile gives a function of the placeholders, in the order in which they were made, taking what a run is fed.

    Hint: graph.operations has them in that order, whatever the order in which the output uses them. Numbers, lists and
    arrays are taken as float64, float32 too. No node is made: the graph may be finalized. No open session is
    needed: that in whose block the function was compiled is closed when it is called.
    """
    a, b, c = rng.uniform(0.5, 2.0, size=(3, 2)).astype(np.float32)
    one, two, three = rng.uniform(0.5, 2.0, size=3).astype(np.float32)
    g = student.Graph()
    with g.as_default():
        first, second, third = (student.placeholder() for _ in range(3))
        y, total = (third - student.Transpose(second)) / first, (first - second) * third
        signs = student.run(positive, student.Operation, first)
    g.finalize()
    f = student.run(in_a_block, student.Session, g, student.compile, y)
    got, what = f(a, b, c), "the value of the function for (third - second) / first"
    check(is_a(got, np.ndarray), f"{what} must be an array where a run gives one", got=got)
    check_types({f"{what}, called with arrays of float32,": got}, "float64")
    a, b, c = np.float64([a, b, c])
    assert_close(got, (c - b) / a, what=what)
    got = student.run(in_a_block, student.Session, student.Graph(), f, three, one, two)
    what = "its value for other arguments, in a block of another graph's session"
    check_types({f"{what}, called with numbers of float32,": got}, "float64")
    assert_close(got, (float(two) - float(one)) / float(three), what=what)
    got, what = student.compile(total)([1, 2], np.array([5, 9]), 3), "the value of (first - second) third for integers"
    assert_close(got, [-12, -21], what=what)
    check_types({what: got}, "float64")
    check_types({"the value of the function made of a node for first > 0": student.compile(signs)(a)}, "bool")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "first, unused, third = placeholder(), placeholder(), placeholder()\nf = compile(third - first)\nf(1.0, 5.0)",
    gives=4.0,
)
def test_only_needed_arguments(student, rng):
    """The function takes only the placeholders that the output depends on.

    Hint: take the placeholders among the ancestors of the output; not every node without inputs is one. Each function
    has a plan of its own.
    """
    a, b = rng.normal(size=2)
    g = student.Graph()
    with g.as_default():
        one, unused, other = student.placeholder(), student.placeholder(), student.placeholder()
        y = other * 2.0 - one * student.run(counted, student.Operation)()  # which is 1 and has no inputs
        _ = unused + y
        fixed = student.constant(3.0) * 2.0
    outputs = y, y * 0.0 + 4.0, fixed, other
    of_two, made_of_it, of_nothing, of_one = (student.compile(output) for output in outputs)
    assert_close(of_two(a, b), 2 * b - a, what="a function of two placeholders of three, called when others were made")
    assert_close(made_of_it(a, b), 4.0, what="another function made of it")
    assert_close(of_nothing(), 6.0, what="a function of nothing")
    assert_close(of_one(b), b, what="a function that gives its argument, made of a placeholder")


@pytest.mark.points(0.5)
@pytest.mark.example("x = placeholder()\nf = compile(x * x + 1.0)\n[f(2.0), f(3.0)]", gives=[5.0, 10.0])
def test_each_call_computes_anew(student, rng):
    """Each call computes every needed node once, from its own arguments only.

    Hint: the plan is kept from call to call, the values are not. A node whose value is None has been computed, too.
    What you hand out is the caller's to change. A node may hand on the very array of a constant, or a view of it.
    """
    a, b = rng.normal(size=(2, 2))
    g = student.Graph()
    with g.as_default():
        x = student.placeholder()
        top = student.run(ladder, student.Operation, x, 30)
        f = student.compile(top + 1.0)
        step = student.run(without_value, student.Operation)
        first = step(x)
        last = step(first, step(first))
    check(value(top.calls) == 0, "nothing that depends on a placeholder can be computed when compiling", got=top.calls)
    early, late = student.run(called_twice, f, a, b)
    check(value(top.calls) == 60, "two calls must compute 30 nodes twice", got=top.calls)
    assert_close(early, a * 2.0**30 + 1, what="the value of the first call, looked at after the second")
    assert_close(late, b * 2.0**30 + 1, what="the second call, with another argument than the first")
    assert_close(f(b), b * 2.0**30 + 1, what="the third call, with the argument of the second")
    check(value(top.calls) == 90, "three calls must compute 30 nodes three times", got=top.calls)
    student.compile(last)(a)
    check(value(step.calls) == 3, "each of three nodes without a value must be computed once", got=step.calls)
    with student.Graph().as_default():
        fixed = student.constant([a, b])
        forms = (fixed * 2.0, 2.0), (fixed, 1.0), (student.Transpose(student.Transpose(fixed)), 1.0)
    for form, factor in forms:
        got = student.run(again_after_a_change, student.compile(form))
        what = f"a constant times {factor:g}, after a caller has changed the array of the call before"
        assert_close(got, [factor * a, factor * b], what=what)
    same_value = student.run(handed_on, student.Operation)
    with student.Graph().as_default():
        x, fixed = student.placeholder(), student.constant([a, b])
        forms = same_value(fixed, x), student.Transpose(same_value(student.Transpose(fixed), x))
    for form in forms:
        got = student.run(again_after_a_change, student.compile(form), 1.0)
        what = "a constant that another node hands on, after a caller has changed the array of the call before"
        assert_close(got, [a, b], what=what)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, errors = placeholder((2,)), []\n"
    "f = compile(2.0 * x)\n"
    "for values in (np.ones(2), np.ones(2)), (np.ones(3),):\n"
    "    try:\n"
    "        f(*values)\n"
    "    except TypeError:\n"
    "        errors.append('TypeError')\n"
    "    except ValueError:\n"
    "        errors.append('ValueError')\n"
    "errors",
    gives=["TypeError", "ValueError"],
)
def test_wrong_arguments(student, rng):
    """A wrong number of arguments is a TypeError, a value that does not fit the placeholder's shape a ValueError.

    Hint: compare len(arguments) first; zip stops at the shorter one without a word.
    """
    a = rng.normal(size=(2, 3))
    g = student.Graph()
    with g.as_default():
        rows, number = student.placeholder((None, 3)), student.placeholder(())
        y, fixed = rows * number, student.constant(2.0)
    f = student.compile(y)
    for fitting in (a, a[:0]):
        assert_close(f(fitting, 2.0), 2 * fitting, what=f"a call with two values that fit, of {len(fitting)} rows")
    for wrong in ((a,), (a, 2.0, 3.0), ()):
        with raises("TypeError"):
            f(*wrong)
    with raises("TypeError"):
        student.compile(fixed)(a)
    for wrong in ((2, 4), (2, 1), (3,), (1, 3, 3)):
        with raises("ValueError"):
            f(np.ones(wrong), 2.0)
    with raises("ValueError"):
        f(a, [2.0])
    with student.Graph().as_default():
        total = student.placeholder() * 2.0 + student.placeholder()
    got = student.run(after_a_failure, student.compile(total), (a, np.ones(4)), (-a, 1.0))
    assert_close(got, 1 - 2 * a, what="a call with two values that fit, after one whose sum numpy could not compute")
