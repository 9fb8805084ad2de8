"""The throw-away sprint, and the objects that the tests of the handles play with."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.sprint import Sprint
from autograder.grading.limits import Limit, Limits
from autograder.grading.results import Results, TestResult
from tests.support.builders import graded, locked, notebook, solution

CANARY = "cAnArY-94d1-" + "7c55aa"
"""Stands in the hidden tests and in what they expect, and may be nowhere else."""

QUICK = Limits(cell=Limit(2, 12), test=Limit(1, 8))
"""Limits for tests of what runs for ever."""

SECRET_SUM = 2 * 271828.1828459
"""An expected value that a hidden test computes and that no test sends."""

DOUBLE = '''
import pytest
from autograder.grading import assert_close, check, probe, raises, value

CANARY = "%(canary)s"
EXPECTED = {"%(canary)s": 271828.1828459}


@pytest.mark.points(1)
def test_numbers(student, rng):
    """Numbers are doubled.

    Hint: x + x will do.
    """
    # %(canary)s
    for x in (1.5, float(rng.normal())):
        assert_close(student.double(x), 2 * x, what="double(x)")


@pytest.mark.points(1)
def test_arrays(student, rng):
    """Arrays are doubled element by element."""
    x = rng.normal(size=3)
    assert_close(student.double(x), 2 * x, what="double(x)")


@pytest.mark.points(1)
def test_strings_are_refused(student):
    """A string is a TypeError."""
    with raises("TypeError"):
        student.double("ab")
''' % {"canary": CANARY}  # noqa: UP031

BOX = '''
import pytest
from autograder.grading import assert_close, check, probe, value


@probe
def fill(box, count):
    for number in range(count):
        box.put(float(number))
    return len(box)


@pytest.mark.points(2)
def test_total(student, rng):
    """A box knows its total."""
    expected = 271828.1828459
    box = student.Box()
    with box:
        numbers = rng.normal(size=4)
        for number in numbers:
            box.put(float(number))
        assert_close(box.total(), numbers.sum(), what="box.total()")
    check(value(box.total()) != expected, "the total is that of the numbers")


@pytest.mark.points(1)
def test_length(student):
    """A box has the length of what was put into it."""
    box = student.Box()
    check(student.run(fill, box, 3) == 3 and len(box) == 3, "three numbers, length 3")
'''

SUBTRACT = '''
import pytest
from autograder.grading import assert_close


@pytest.mark.points(1)
def test_subtract(student):
    """Differences are right."""
    assert_close(student.subtract(5.0, 3.0), 2.0, what="subtract(5, 3)")
'''

GRADERS = {"double": DOUBLE, "box": BOX, "subtract": SUBTRACT}
POINTS = {"double": 3, "box": 3, "subtract": 1}

DOUBLE_ANSWER = """
def double(x):
    if isinstance(x, str):
        raise TypeError("numbers only")
    return 2 * x
"""
BOX_ANSWER = """
class Box:
    def __init__(self):
        self.numbers = []
    def put(self, number):
        self.numbers.append(number)
    def total(self):
        return sum(self.numbers)
    def __len__(self):
        return len(self.numbers)
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        return None
"""
SUBTRACT_ANSWER = """
def subtract(a, b):
    return a - b
"""
ANSWERS = (DOUBLE_ANSWER, BOX_ANSWER, SUBTRACT_ANSWER)


def released() -> NotebookNode:
    """The notebook students get."""
    return notebook(
        locked("imports", "import math"),
        solution("solve_double"),
        graded("double", POINTS["double"], "assert double(2) == 4, 'double(2) must be 4'"),
        solution("solve_box"),
        graded("box", POINTS["box"], "assert len(Box()) == 0"),
        solution("solve_subtract"),
        graded("subtract", POINTS["subtract"], "assert subtract(2, 1) == 1"),
    )


def submission(*answers: str) -> NotebookNode:
    """The released notebook with these answers in its solution cells; the rest keep the stub."""
    nb = released()
    places = [i for i, cell in enumerate(nb.cells) if cell.metadata.get("nbgrader", {}).get("solution")]
    for place, answer in zip(places, answers, strict=False):
        nb.cells[place].source = answer
    return nb


def write_course(folder: Path, slug: str = "tiny", graders: dict[str, str] | None = None) -> Path:
    """Write a sprint's release and hidden tests into ``folder``, as a course has them."""
    release = folder / "assignments" / slug / f"{slug}.ipynb"
    release.parent.mkdir(parents=True)
    nbformat.write(released(), release)
    tests = folder / "autograder" / "graders" / slug
    tests.mkdir(parents=True)
    (tests / "__init__.py").touch()
    for cell, source in (graders or GRADERS).items():
        (tests / f"test_{cell}.py").write_text(source)
    return folder


def sprint(course: Path, slug: str = "tiny") -> Sprint:
    """A sprint of a course that was written by :func:`write_course`."""
    return Sprint(slug, course / "autograder" / "graders" / slug, course / "assignments" / slug / f"{slug}.ipynb")


def outcomes(results: Results) -> dict[str, str]:
    """Outcome of each hidden test by its bare name."""
    return {test.name.rpartition("::")[2]: test.outcome for test in hidden(results)}


def hidden(results: Results) -> list[TestResult]:
    """The hidden tests of a run."""
    return [t for t in results.tests if not t.name.endswith("::public_check")]


OBJECTS = '''
import numpy as np

def define(source):
    exec(source, globals())

def identity(x):
    return x

def kind(x):
    return type(x).__name__

def fail(message="no"):
    raise ValueError(message)

def deeper(message):
    return fail(message)

class Symbol:
    """Writes down what is done to it."""
    __array_ufunc__ = None  # or numpy would take `array + symbol` apart before the symbol is asked
    def __init__(self, text="s"):
        self.text = text
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
    def _of(self, sign, other, turned=False):
        parts = [self.text, show(other)]
        return Symbol(sign.join(parts[::-1] if turned else parts))

def show(x):
    return x.text if isinstance(x, Symbol) else "array" if isinstance(x, np.ndarray) else repr(x)

for _name, _sign in dict(add="+", sub="-", mul="*", truediv="/", floordiv="//", mod="%", pow="**", matmul="@",
                         lshift="<<", rshift=">>", xor="^").items():
    setattr(Symbol, f"__{_name}__", lambda s, o, sign=_sign: s._of(sign, o))
    setattr(Symbol, f"__r{_name}__", lambda s, o, sign=_sign: s._of(sign, o, True))
Symbol.__and__ = lambda s, o: s._of("&", o)
Symbol.__rand__ = lambda s, o: s._of("&", o, True)
Symbol.__or__ = lambda s, o: s._of("|", o)
Symbol.__ror__ = lambda s, o: s._of("|", o, True)
for _name, _sign in dict(lt="<", le="<=", gt=">", ge=">=").items():
    setattr(Symbol, f"__{_name}__", lambda s, o, sign=_sign: s._of(sign, o))
Symbol.__neg__ = lambda s: Symbol("-" + s.text)
Symbol.__pos__ = lambda s: Symbol("+" + s.text)
Symbol.__invert__ = lambda s: Symbol("~" + s.text)
Symbol.__abs__ = lambda s: Symbol("abs " + s.text)

class Shelf:
    def __init__(self, **items):
        self.items = items
    def __getitem__(self, key):
        return self.items[str(key)]
    def __setitem__(self, key, value):
        self.items[str(key)] = value
    def __delitem__(self, key):
        del self.items[str(key)]
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)

class Guard:
    """A context manager that writes down how it was left."""
    def __init__(self, swallow=False):
        self.swallow, self.log = swallow, []
    def __enter__(self):
        self.log.append("in")
        return self
    def __exit__(self, kind, error, trace):
        self.log.append("out" if kind is None else f"{kind.__name__}: {error}")
        return self.swallow

class Number:
    """Data under an attribute, like a tensor's."""
    def __init__(self, data):
        self.data = data
    def __lt__(self, other):
        return True
    __le__ = __gt__ = __ge__ = __eq__ = __lt__
'''
