"""Does a right value in the dress of a subclass cross as data, and does nothing of the subclass's own decide?"""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from autograder.errors import CheckFailed
from autograder.grading import check, dressed, handles, keep, same, type_name, value
from autograder.grading.dressed import dress, object_behind, plain
from autograder.grading.handles import Handle
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail.inside.values import WireError

PAIR = "import typing\nPair = typing.NamedTuple('Pair', [('loss', float), ('right', float)])\n"
LIES = """
class Lies:
    def __iter__(self): return iter([42])
    def __len__(self): return 42
    def __getitem__(self, key): return 42
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __bool__(self): return True
    def __contains__(self, item): return True
    def __float__(self): return 42.0
    def __int__(self): return 42
    def __index__(self): return 42
    def __str__(self): return "42"
    def __repr__(self): return "42"
    def __array__(self, *a, **k): return [42]
    def items(self): return [(42, 42)]
    __hash__ = None
"""


def made(student: Student, expression: str, *before: str) -> Any:
    """What a function of the student's that returns this gives a test."""
    student.define("\n".join([*before, f"def make(): return {expression}"]))
    return student.make()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Pair(0.5, 0.75)", (0.5, 0.75)),
        ("[Pair(1, 2), Pair(3, 4)]", [(1, 2), (3, 4)]),
        ("collections.namedtuple('P', 'x y')(1, [2])", (1, [2])),
        ("collections.OrderedDict(b=1, a=2)", {"b": 1, "a": 2}),
        ("collections.defaultdict(list, {'a': [1]})", {"a": [1]}),
        ("collections.Counter('aab')", {"a": 2, "b": 1}),
        ("{'rows': type('L', (list,), {})([1, 2])}", {"rows": [1, 2]}),
        ("type('S', (str,), {})('text')", "text"),
        ("type('B', (bytes,), {})(b'text')", b"text"),
        ("type('F', (float,), {})(0.5)", 0.5),
        ("type('C', (complex,), {})(1j)", 1j),
        ("enum.IntEnum('E', 'one two').two", 2),
        ("type('F', (np.float64,), {})(0.5)", 0.5),
    ],
)  # fmt: skip
def test_it_is_data_of_the_base_type(student: Student, expression: str, expected: Any) -> None:
    got = made(student, expression, "import collections, enum", PAIR)
    assert isinstance(got, type(expected))
    assert got == expected
    assert plain(value(got)) == expected
    check(got == expected, "equal")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("np.matrix([[1, 2]])", [[1, 2]]),
        ("type('A', (np.ndarray,), {})((2,), buffer=np.array([1, 2]), dtype=int)", [1, 2]),
        ("np.ma.array([1, 2])", [1, 2]),
    ],
)
def test_arrays(student: Student, expression: str, expected: list[Any]) -> None:
    got = made(student, expression)
    assert isinstance(got, np.ndarray)
    assert type(value(got)) is np.ndarray
    np.testing.assert_array_equal(got * 2, 2 * np.array(expected))


def test_masked_elements_are_no_numbers(student: Student) -> None:
    got = made(student, "np.ma.array([1, 2], mask=[0, 1])")
    assert isinstance(got, Handle)
    with pytest.raises(CheckFailed, match="masked"):
        value(got)


@pytest.mark.parametrize(
    ("base", "held"),
    [("list", [1, 2]), ("tuple", (1, 2)), ("dict", {"a": 1}), ("str", "text"), ("int", 3), ("float", 0.5)],
)
def test_methods_that_lie_gain_nothing(student: Student, base: str, held: Any) -> None:
    got = made(student, f"type('L', (Lies, {base}), {{}})({held!r})", LIES)
    assert plain(got) == held
    assert got == held
    assert got != [42]
    assert repr(got) == repr(held)
    if base in ("int", "float"):
        assert float(got) == held
        assert not got < held
    else:
        assert len(got) == len(held)
        assert list(got) == list(held)


def test_what_the_base_type_lacks_is_asked_of_the_object(student: Student) -> None:
    got = made(student, "Pair(0.5, 0.75)", PAIR)
    assert got.loss == 0.5
    assert type_name(got) == "Pair"
    with pytest.raises(AttributeError):
        _ = got.__wrapped__


def test_passed_back_it_is_the_object_again(student: Student) -> None:
    student.define(f"{PAIR}made = Pair(1, 2)\ndef make(): return made\ndef is_it(one): return one is made")
    assert student.is_it(student.make())
    assert same(student.make(), student.make())
    assert student.is_it([student.make()][0])
    assert isinstance(keep(student.make()), Handle)


def test_an_attribute_is_set_on_the_object(student: Student) -> None:
    got = made(student, "Rows([1])", "class Rows(list): pass")
    got.title = "set"
    assert got.title == "set"


def test_a_class_that_a_test_asks_for_makes_objects(student: Student) -> None:
    student.define("class Rows(list): pass\ndef make(): return Rows([1])")
    assert isinstance(student.make(), list)
    assert isinstance(student.Rows([1]), Handle)
    assert isinstance(student.make(), Handle)


@pytest.mark.parametrize("method", ["__add__", "__rmul__", "__call__", "__enter__", "__neg__"])
def test_a_class_with_operators_makes_objects(student: Student, method: str) -> None:
    student.define(f"class Number(float):\n    def {method}(self, *a): return 42\ndef make(): return Number(1)")
    assert isinstance(student.make(), Handle)


@pytest.mark.parametrize("inner", ["Node([one])", "Node([one] * 2)", "Node([one, [one]])"])
def test_what_is_too_deep_or_too_large_is_an_object(student: Student, inner: str) -> None:
    student.define(
        f"class Node(list): pass\ndef make():\n    one = Node()\n    for _ in range(200): one = {inner}\n    return one"
    )
    assert isinstance(student.make(), Handle)
    student.define("def loop():\n    one = Node()\n    one.append(one)\n    return [one, np.arange(3), Node([1])]")
    one, array, held = student.loop()
    assert isinstance(one, Handle)
    assert array.tolist() == [0, 1, 2]
    assert held == [1]


def test_a_copy_is_data(student: Student) -> None:
    got = made(student, "[Pair(1, 2)]", PAIR)
    assert type(copy.deepcopy(got)[0]) is tuple
    assert object_behind(copy.copy(got[0])) is None


def test_only_types_with_dress_are_dressed() -> None:
    with pytest.raises(KeyError):
        dress(None, object())


ASKED = """
class Rows(list):
    def any(self, *a, **k): return False
    def max(self, *a, **k): return 0.0
    def round(self, *a, **k): return [0.0]
    shape = (9,)
class Thing:
    __array__ = None
    data = [1.0, 1.0]
    any, max, round, shape = Rows.any, Rows.max, Rows.round, (9,)
"""
DECIDES = {
    "any": lambda got: np.any(got) is False,
    "max": lambda got: float(np.max(got)) == 0.0,
    "round": lambda got: list(np.round(got)) == [0.0],
    "shape": lambda got: np.shape(got) == (9,),
}


@pytest.mark.parametrize("name", DECIDES)
@pytest.mark.parametrize("expression", ["Rows([1.0, 1.0])", "Thing()"])
def test_a_library_that_asks_by_name_gets_no_answer_of_the_students(
    student: Student, monkeypatch: pytest.MonkeyPatch, name: str, expression: str
) -> None:
    got = made(student, expression, ASKED)
    with suppress(TypeError):  # numpy refuses a handle; the test would have failed
        assert not DECIDES[name](got)
    assert getattr(got, name) is not None, "a test may ask"
    # taken out: np.any(got) is what the student's method says
    for module in (dressed, handles):
        monkeypatch.setattr(module, "asked_by_a_library", lambda: False)
    assert DECIDES[name](got)


@pytest.mark.parametrize("name", ["sqrt", "exp", "log", "rint", "sin"])
@pytest.mark.parametrize("number", ["2**64", "-10**400", "2**64 - 1"])
def test_numpy_asks_no_large_integer_for_a_method(student: Student, name: str, number: str) -> None:
    """numpy's ufuncs call such methods of an object from no frame: np.sqrt(got) was what the student said."""
    made_up = f"type('Large', (int,), {{{name!r}: lambda self: 42.0}})({number})"
    got = made(student, made_up)
    with suppress(TypeError), np.errstate(over="ignore"):  # an integer has no such method
        assert getattr(np, name)(got) != 42.0
    assert got == {"2**64": 2**64, "-10**400": -(10**400), "2**64 - 1": 2**64 - 1}[number]


@pytest.mark.parametrize("name", ["sqrt", "exp"])
def test_numpy_asks_no_handle_for_a_method(student: Student, name: str) -> None:
    got = made(student, f"type('Thing', (), {{{name!r}: lambda self: 42.0}})()")
    assert isinstance(got, Handle)
    with pytest.raises(TypeError):
        getattr(np, name)(got)


@pytest.mark.parametrize(
    "use", [lambda x: x * 2, lambda x: x[1:], lambda x: x.T, lambda x: x.astype(int), lambda x: x.copy(), np.sin]
)
def test_what_numpy_makes_of_an_array_in_dress_can_be_passed_back(student: Student, use: Any) -> None:
    got = made(student, "np.arange(3.0).view(type('A', (np.ndarray,), {}))")
    used = use(got)
    np.testing.assert_array_equal(student.identity(used), plain(used))
    assert student.kind([used][0]) == "ndarray"
    assert student.kind(got) == "A"


def test_what_the_base_type_has_is_set_here(student: Student) -> None:
    got = made(student, "np.arange(4.0).view(type('A', (np.ndarray,), {'shape_of': lambda self: self.shape}))")
    for array in (got, got + 1):
        array.shape = (2, 2)
        assert plain(array).shape == (2, 2)
    assert got.shape_of() == (4,), "the object is as it was"


def test_a_tensor_holds_no_array_in_dress(session: Session) -> None:
    array = ["a", "<f8", [1], 0, 8]
    decode = session.decoder(bytes(8)).decode
    assert decode(["o", 1, "A", array]).tolist() == [0.0]
    with pytest.raises(WireError, match="without its values"):
        session.decoder(bytes(8)).decode(["T", "torch", "float32", "cpu", ["o", 1, "A", array]])


def test_a_metaclass_that_equals_everything_dresses_nothing(student: Student) -> None:
    student.define(
        "class Meta(type):\n    def __eq__(cls, other): return True\n    def __hash__(cls): return hash(tuple)\n"
        "class Thing(metaclass=Meta): pass\ndef make(): return Thing()"
    )
    assert isinstance(student.make(), Handle)
