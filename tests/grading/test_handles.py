"""Do a test's hands reach through the wall, and only its hands?"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.errors import CheckFailed, PlatformFault, StudentError
from autograder.grading import handles as handles_module
from autograder.grading import keep, probe, raises, same, type_name, value
from autograder.grading.handles import Handle, Session, Student
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.jail.inside import wire
from autograder.jail.inside.wire import TensorData


@probe
def calls(function, *args, **kwargs):  # type: ignore[no-untyped-def]
    return function(*args, **kwargs)


@probe
def third(x):  # type: ignore[no-untyped-def]
    import math

    return math.floor(x / 3)


# names and data


def test_data_of_the_notebook_comes_by_value(student: Student) -> None:
    student.define("number, text, items, array = 3, 'abc', [1, (2.5, None)], np.arange(3)")
    assert (student.number, student.text, student.items) == (3, "abc", [1, (2.5, None)])
    np.testing.assert_array_equal(student.array, [0, 1, 2])


def test_anything_else_is_a_handle(student: Student) -> None:
    assert type(student.Symbol) is Handle
    assert type_name(student.Symbol("x")) == "Symbol"
    assert repr(student.Symbol("x")) == "<Symbol in the student's notebook>"


def test_a_missing_name_is_the_students_error(student: Student) -> None:
    with pytest.raises(StudentError, match="defines no nowhere"):
        _ = student.nowhere


def test_names_that_mean_something_here_are_reached_by_item(student: Student) -> None:
    student.define("run = 5")
    assert student["run"] == 5


def test_classes_and_functions_are_looked_up_once_a_test_and_anything_else_each_time(
    session: Session, student: Student
) -> None:
    student.define("class Net: mark = 'old'\ncount = 0\nnet = Symbol('first')")
    assert student.Net is student.Net
    student.define("count = 1\nnet = Symbol('second')")
    assert (student.count, student.net.text) == (1, "second")
    student.define("class Net: mark = 'new'")
    session.begin_test(Limit(5, 10), 0)
    assert student.Net.mark == "new", "the next test sees what the notebook has then"


def test_every_kind_of_data_goes_there_and_back(student: Student) -> None:
    for x in (None, True, 1 << 100, 1.5, 2j, "é", b"\x00", [1, [2]], (1,), {"a": {1: 2}}, slice(1, None), ...):
        back = student.identity(x)
        assert (type(back), back) == (type(x), x)
    for array in (np.eye(2), np.zeros((0, 3), "i2"), np.array("text"), np.array([True]), np.float32(1)):
        np.testing.assert_array_equal(student.identity(array), array)


def test_containers_of_objects_are_real_containers_of_handles(student: Student) -> None:
    student.define("a = Symbol('a')\ndef pair(): return {'both': [a, (a, 1)]}")
    first, (second, one) = student.pair()["both"]
    assert isinstance(first, Handle)
    assert same(first, second)
    assert same(first, student.a)
    assert one == 1


def test_handles_go_back_as_the_objects_they_are(student: Student) -> None:
    symbol = student.Symbol("x")
    assert same(student.identity(symbol), symbol)
    assert same(student.identity([{"k": (symbol,)}])[0]["k"][0], symbol)
    assert student.kind(symbol) == "Symbol"
    assert not same(symbol, student.Symbol("x"))
    assert not same(1, 1)


# what a handle does


def test_keyword_arguments_of_any_name_reach_the_student(student: Student) -> None:
    student.define("def names(**kwargs): return sorted(kwargs)")
    taken = dict.fromkeys(["self", "text", "operation", "keep", "kwargs", "args", "function", "number", "name"], 1)
    assert student.names(**taken) == sorted(taken)
    assert student.run(calls, student.names, keep=1, operation=2) == ["keep", "operation"]


def test_attributes_are_read_and_written(student: Student) -> None:
    symbol = student.Symbol("x")
    symbol.text = [1, 2]
    symbol.other = symbol
    assert symbol.text == [1, 2]
    assert same(symbol.other, symbol)
    with pytest.raises(StudentError, match="no attribute 'absent'"):
        _ = symbol.absent


def test_special_attributes_are_not_the_students_to_answer(student: Student) -> None:
    assert not hasattr(student.Symbol("x"), "__array_interface__")
    assert student.Symbol("x").__class__ is Handle


def test_items_are_read_written_and_deleted(student: Student) -> None:
    shelf = student.Shelf()
    shelf["a"] = 1
    shelf[1:2] = shelf
    assert shelf["a"] == 1
    assert same(shelf[1:2], shelf)
    del shelf["a"]
    with pytest.raises(StudentError, match="KeyError"):
        shelf["a"]
    assert len(shelf) == 1


def test_iteration_draws_the_students_items(student: Student) -> None:
    assert list(student.Shelf(a=1, b=2)) == ["a", "b"]
    student.define("def steps():\n    yield 1\n    yield Symbol('x')\n    raise ValueError('stopped')")
    steps = iter(student.steps())
    assert next(steps) == 1
    assert type_name(next(steps)) == "Symbol"
    with pytest.raises(StudentError, match="stopped"):
        next(steps)


def test_an_endless_iterator_is_cut(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handles_module, "MAX_ITEMS", 50)
    student.define("import itertools")
    with pytest.raises(StudentError, match="more than 50 items"):
        list(student.itertools.count())


def test_a_generator_has_items_but_no_length(session: Session, student: Student) -> None:
    student.define("def steps():\n    yield from range(3)")
    assert list(student.steps()) == [0, 1, 2]
    with pytest.raises(StudentError, match="has no len"):
        len(student.steps())


BINARY: list[tuple[Callable[[Any, Any], Any], str]] = [
    (operator.add, "+"),
    (operator.sub, "-"),
    (operator.mul, "*"),
    (operator.truediv, "/"),
    (operator.floordiv, "//"),
    (operator.mod, "%"),
    (operator.pow, "**"),
    (operator.matmul, "@"),
    (operator.and_, "&"),
    (operator.or_, "|"),
    (operator.xor, "^"),
    (operator.lshift, "<<"),
    (operator.rshift, ">>"),
]


@pytest.mark.parametrize(("apply", "sign"), BINARY)
def test_operators_reach_the_students_methods(student: Student, apply: Callable[..., Any], sign: str) -> None:
    x, y = student.Symbol("x"), student.Symbol("y")
    assert apply(x, y).text == f"x{sign}y"
    assert apply(x, 2).text == f"x{sign}2"
    assert apply(2, x).text == f"2{sign}x"
    assert apply(x, np.ones(2)).text == f"x{sign}array"
    assert apply(np.ones(2), x).text == f"array{sign}x"
    assert apply(np.float64(2), x).text == f"np.float64(2.0){sign}x"


@pytest.mark.parametrize(("apply", "sign"), [(operator.lt, "<"), (operator.le, "<="), (operator.gt, ">")])
def test_comparisons_that_give_objects_reach_the_student(
    student: Student, apply: Callable[..., Any], sign: str
) -> None:
    assert apply(student.Symbol("x"), 2).text == f"x{sign}2"


@pytest.mark.parametrize("apply", [operator.lt, operator.le, operator.gt, operator.ge])
def test_comparisons_that_would_decide_are_refused(student: Student, apply: Callable[..., Any]) -> None:
    number = student.Number(5.0)
    with pytest.raises(CheckFailed, match="a Number came back where a number was expected"):
        apply(number, 1)
    assert apply(value(number), 5.0) in (True, False)
    assert value(apply(keep(number), 1)) is True, "on a kept handle the student's answer is data like any other"


@pytest.mark.parametrize(
    ("apply", "text"),
    [(operator.neg, "-x"), (operator.pos, "+x"), (operator.invert, "~x"), (abs, "abs x")],
)
def test_unary_operators_reach_the_students_methods(student: Student, apply: Callable[..., Any], text: str) -> None:
    assert apply(student.Symbol("x")).text == text


def test_truth_and_equality_are_refused(student: Student) -> None:
    x: Any = student.Symbol("x")
    tries: list[Callable[[], object]] = [
        lambda: x == x,
        lambda: x != 1,
        lambda: x == 1,
        lambda: np.ones(2) == x,
        lambda: bool(x),
        lambda: not x,
        lambda: 1 in x,
        lambda: x in [1, 2],
        lambda: x and 1,
    ]
    for attempt in tries:
        with pytest.raises(CheckFailed, match="a Symbol came back where data was expected"):
            attempt()


def test_handles_can_be_kept_in_sets(student: Student) -> None:
    x = student.Symbol("x")
    assert len({x, x, student.Symbol("x")}) == 2


def test_keep_leaves_data_on_the_other_side(student: Student) -> None:
    student.define("def number(): return 7")
    seven = keep(student.number)()
    assert type_name(seven) == "int"
    assert value(seven) == 7
    assert student.number() == 7
    with pytest.raises(PlatformFault, match="takes a handle"):
        keep(7)


@pytest.mark.parametrize("length", ["-1", "1 << 70", "'3'"])
def test_a_strange_length_is_the_students_error(student: Student, length: str) -> None:
    student.define(f"class Odd:\n    def __len__(self): return {length}")
    with pytest.raises(StudentError):
        len(student.Odd())


# with


def test_with_enters_and_leaves(student: Student) -> None:
    guard = student.Guard()
    with guard as entered:
        assert same(entered, guard)
    assert guard.log == ["in", "out"]


def test_the_students_exception_passes_through_with(student: Student) -> None:
    guard = student.Guard()
    with pytest.raises(StudentError, match="no"), guard:
        student.fail()
    assert guard.log == ["in", "ValueError: no"]


@pytest.mark.parametrize("error", [StudentError(("ValueError",), "x"), CheckFailed("wrong"), AssertionError("wrong")])
def test_with_never_swallows_what_ends_a_test(student: Student, error: Exception) -> None:
    with pytest.raises(type(error)), student.Guard(swallow=True):
        raise error


def test_texts_of_our_own_exceptions_stay_here(student: Student) -> None:
    guard = student.Guard()
    with pytest.raises(AssertionError), guard:
        raise AssertionError("expected 271828")
    assert guard.log == ["in", "AssertionError: "]


# exceptions


def test_an_exception_comes_with_the_students_own_traceback(student: Student) -> None:
    with pytest.raises(StudentError) as caught:
        student.deeper("what went wrong")
    error = caught.value
    assert error.types == ("ValueError", "Exception", "BaseException")
    assert error.message == "what went wrong"
    lines = error.traceback.splitlines()
    assert [line.split(", line")[0] for line in lines[::2]] == ["In [1]", "In [1]"]
    assert lines[1].strip() == "return fail(message)"
    assert "autograder" not in error.traceback
    assert "/" not in error.traceback


def test_a_library_frame_shows_no_folders(student: Student) -> None:
    with pytest.raises(StudentError) as caught:
        student.np.linalg.inv(np.zeros((2, 2)))
    assert caught.value.types[0] == "LinAlgError"
    assert "numpy/linalg/" in caught.value.traceback
    assert "/usr" not in caught.value.traceback
    assert "site-packages" not in caught.value.traceback


def test_a_deep_recursion_is_shown_in_short(student: Student) -> None:
    student.define("def again(n): return again(n + 1)")
    with pytest.raises(StudentError) as caught:
        student.again(0)
    assert caught.value.types[0] == "RecursionError"
    assert "more calls" in caught.value.traceback
    assert len(caught.value.traceback) < 4_000


def test_raises_goes_by_the_names_of_classes(student: Student) -> None:
    student.define("class Mine(KeyError): pass\ndef mine(): raise Mine('x')")
    with raises("LookupError"):
        student.mine()
    with pytest.raises(CheckFailed, match="must raise TypeError, but raised Mine"), raises("TypeError"):
        student.mine()


# the values behind objects


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Number([1.0, 2.0])", [1.0, 2.0]),
        ("Number(Number(Number(3)))", 3),
        ("type('F', (float,), {})(1.5)", 1.5),
        ("type('S', (str,), {})('abc')", "abc"),
        ("type('L', (list,), {})([Number(1), 2])", [1, 2]),
        ("type('D', (dict,), {})(a=Number(1))", {"a": 1}),
        ("np.matrix([[1, 2]])", [[1, 2]]),
    ],
)
def test_value_is_the_data_behind(student: Student, expression: str, expected: object) -> None:
    student.define(f"def make(): return {expression}")
    got = value(student.make())
    assert (got.tolist() if isinstance(got, np.ndarray) else got) == expected


@pytest.mark.parametrize("expression", ["Symbol('x')", "np.array([None])", "{1, 2}", "print", "Number(Number)"])
def test_value_of_what_is_no_data_fails_the_check(student: Student, expression: str) -> None:
    student.define(f"def make(): return {expression}")
    with pytest.raises(CheckFailed, match=r"data was expected|numbers were expected"):
        value(student.make())


def test_value_of_a_base_type_is_not_up_to_the_subclass(student: Student) -> None:
    student.define("""
class Chameleon(float):
    def __float__(self): return 99.0
    __pos__ = __index__ = __add__ = __float__
    @property
    def real(self): return 99.0
    def __eq__(self, other): return True
""")
    assert value(student.Chameleon(1.0)) == 1.0


def test_numpy_takes_a_handles_numbers(student: Student) -> None:
    np.testing.assert_array_equal(np.asarray(student.Number([1.0, 2.0])), [1.0, 2.0])


# probes


def test_a_probe_runs_beside_the_objects(student: Student) -> None:
    assert student.run(third, 10) == 3
    assert student.run(calls, third, 9) == 3, "a probe can be an argument"
    student.define("def twice(f, x): return f(f(x))")
    assert student.twice(third, 100) == 11


def test_a_probes_error_shows_no_source(student: Student) -> None:
    with pytest.raises(StudentError, match="TypeError") as caught:
        student.run(third, "ab")
    assert "math.floor" not in caught.value.traceback


# the life of handles


def test_a_handle_of_another_test_is_refused(session: Session, student: Student) -> None:
    symbol = student.Symbol("x")
    session.begin_test(Limit(5, 20), seed=0)
    for attempt in (lambda: student.identity(symbol), lambda: symbol + 1, lambda: symbol.text, lambda: value(symbol)):
        with pytest.raises(PlatformFault, match="a handle of another test"):
            attempt()


def test_a_handle_of_another_kernel_is_refused(student: Student, student_run: NotebookRun) -> None:
    symbol = student.Symbol("x")
    student_run.end_session()
    session = student_run.session()
    session.begin_test(Limit(5, 20), seed=0)
    with pytest.raises(PlatformFault, match="a handle of another test"):
        Student(session).identity(symbol)


def test_objects_are_let_go_when_the_test_ends(session: Session, student: Student) -> None:
    student.define(
        "import weakref\nclass Thing: pass\ndef make():\n    t = Thing(); global ref; ref = weakref.ref(t); return t"
    )
    student.make()
    assert student.ref() is not None
    session.begin_test(Limit(5, 20), seed=0)
    assert student.ref() is None


def test_a_million_handles_are_stopped_by_a_bound(session: Session, student: Student) -> None:
    student.define("def many(n): return [object() for _ in range(n)]")
    assert len(student.many(90_000)) == 90_000
    with pytest.raises(StudentError, match="holds more than 100000 objects"):
        student.many(20_000)
    session.begin_test(Limit(5, 20), seed=0)
    assert len(student.many(10)) == 10


def test_what_cannot_cross_is_the_graders_fault(student: Student) -> None:
    with pytest.raises(PlatformFault, match="the grader passed what cannot cross"):
        student.identity({1, 2})


def test_a_thousand_calls_take_less_than_a_second(student: Student) -> None:
    import time

    x = np.arange(10.0)
    started = time.perf_counter()
    for _ in range(1000):
        student.identity(x)
    assert time.perf_counter() - started < 2, "twice the budget, for a loaded machine"


def test_seeds_are_set_anew_for_each_test(session: Session, student: Student) -> None:
    student.define("import random\ndef draw(): return random.random(), np.random.rand()")
    draws = []
    for seed in (1, 1, 2):
        session.begin_test(Limit(5, 20), seed)
        draws.append(student.draw())
    assert draws[0] == draws[1] != draws[2]


# frameworks


def test_tensors_cross_as_data_both_ways(session: Session, student: Student) -> None:
    session.channel.limit(Limit(60, 120))
    student.define("import torch")
    for dtype in ("float32", "float64", "bfloat16", "int64", "bool"):
        tensor = student.torch.ones(2, 3, dtype=getattr(student.torch, dtype))
        assert isinstance(tensor, TensorData)
        assert (tensor.framework, tensor.dtype, tensor.device) == ("torch", dtype, "cpu")
        assert student.kind(tensor) == "Tensor"
        assert student.identity(tensor).dtype == dtype
        np.testing.assert_array_equal(value(tensor), np.ones((2, 3)))
    parameter = student.torch.nn.Parameter(student.torch.zeros(2))
    assert type_name(parameter) == "Parameter"
    np.testing.assert_array_equal(value(parameter), [0, 0])
    assert type_name(keep(student.torch.zeros)(2)) == "Tensor"


@pytest.mark.slow
def test_tensorflow_tensors_cross_as_data_both_ways(session: Session, student: Student) -> None:
    session.channel.limit(Limit(60, 120))
    student.define("import tensorflow as tf")
    for dtype in ("float32", "bfloat16", "int32", "bool"):
        tensor = student.tf.ones((2, 3), dtype)
        assert isinstance(tensor, TensorData)
        assert (tensor.framework, tensor.dtype) == ("tensorflow", dtype)
        assert student.identity(tensor).dtype == dtype
        np.testing.assert_array_equal(value(tensor), np.ones((2, 3)))
    np.testing.assert_array_equal(value(student.tf.Variable([1.0, 2.0])), [1, 2])


def test_a_forged_reference_ends_as_data_or_error(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that answers `value` with references for ever does not drive us into a recursion."""
    answer = Handle(student._session, wire.Reference(1, "x"))
    monkeypatch.setattr(student._session.channel, "request", lambda *a, **k: answer)
    with pytest.raises(StudentError, match="data was expected"):
        np.asarray(answer)
    with pytest.raises(CheckFailed, match="data was expected"):
        value(answer)
