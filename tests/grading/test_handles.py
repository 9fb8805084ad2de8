"""Do a test's hands reach through the wall, and only its hands?"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import handles as handles_module
from autograder.grading import keep, probe, same, type_name, value
from autograder.grading.handles import Handle
from autograder.grading.limits import Limit
from autograder.grading.session import Session
from autograder.grading.student import Student


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
    with pytest.raises(CheckFailed, match="where an object was expected"):
        keep(7)


@pytest.mark.parametrize("length", ["-1", "1 << 70", "'3'"])
def test_a_strange_length_is_the_students_error(student: Student, length: str) -> None:
    student.define(f"class Odd:\n    def __len__(self): return {length}")
    with pytest.raises(StudentError):
        len(student.Odd())


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


# methods that are looked up when they are called


COUNTER = "class Counter:\n    def __init__(self): self.n = 0\n    def up(self, by=1): self.n += by; return self.n"


@pytest.fixture
def requests(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that are asked for from now on."""
    asked: list[str] = []
    request = session.channel.request

    def recorded(operation: str, *args: object, **how: Any) -> Any:
        asked.append(operation)
        return request(operation, *args, **how)

    monkeypatch.setattr(session.channel, "request", recorded)
    return asked


def test_a_method_is_one_request_from_the_second_call_on(student: Student, requests: list[str]) -> None:
    student.define(COUNTER)
    counter, other = student.Counter(), student.Counter()
    requests.clear()
    assert [counter.up(), counter.up(by=2), other.up()] == [1, 3, 1]
    assert requests == ["getattr", "call", "call_method", "call_method"]


def test_a_method_that_is_not_called_is_looked_up_where_it_is_used(student: Student) -> None:
    student.define(f"{COUNTER}\ndef twice(f): f(); return f()")
    counter = student.Counter()
    counter.up()
    assert student.twice(counter.up) == 3
    assert student.run(calls, counter.up, by=4) == 7
    assert type_name(counter.up) == "method"
    assert not same(counter.up, student.Counter().up)


def test_the_next_test_looks_a_method_up_again(session: Session, student: Student, requests: list[str]) -> None:
    student.define(COUNTER)
    student.Counter().up()
    session.begin_test(Limit(5, 20), seed=0)
    requests.clear()
    student.Counter().up()
    assert requests == ["name", "call", "getattr", "call"]


def test_data_where_another_object_has_a_method_is_the_students_error(student: Student) -> None:
    student.define(f"{COUNTER}\nodd = Counter()\nodd.up = 5")
    student.Counter().up()
    with pytest.raises(StudentError, match="'int' object is not callable"):
        student.odd.up()
    with pytest.raises(CheckFailed, match=r"odd\.up must be a method; what came back: 5"):
        student.identity(student.odd.up)
    with pytest.raises(CheckFailed, match="must be a method"):
        np.asarray(student.odd.up)


def test_a_method_that_is_gone_is_the_students_error(student: Student) -> None:
    student.define(f"{COUNTER}\ndef drop(): del Counter.up")
    counter = student.Counter()
    counter.up()
    student.drop()
    with pytest.raises(StudentError, match="no attribute 'up'"):
        counter.up()
