"""What is read from a student's errors and cells: missing names, frames, definitions."""

from __future__ import annotations

import pytest

from autograder.errors import StudentError
from autograder.grading.evidence import Failure, defined_in, failure_of


@pytest.mark.parametrize(
    ("kind", "message", "missing"),
    [
        ("NameError", "name 'lst' is not defined", ("lst",)),
        ("AttributeError", "'Session' object has no attribute 'close'", (".close",)),
        ("TypeError", "unsupported operand type(s) for @: 'Tensor' and 'Tensor'", (".__matmul__", ".__rmatmul__")),
        ("TypeError", "bad operand type for unary -: 'Tensor'", (".__neg__", ".__pos__")),
        (
            "TypeError",
            "'Session' object does not support the context manager protocol",
            (".__enter__", ".__exit__"),
        ),
        ("TypeError", "'Box' object is not iterable", (".__iter__", ".__next__")),
        ("TypeError", "'Layer' object is not callable", (".__call__",)),
        ("TypeError", "'Box' object is not subscriptable", (".__getitem__",)),
        ("TypeError", "'Box' object does not support item assignment", (".__setitem__",)),
        ("TypeError", "object of type 'Box' has no len()", (".__len__",)),
        ("TypeError", "f() takes 1 positional argument but 2 were given", ()),
        ("ValueError", "object is not callable", ()),
    ],
)
def test_what_would_have_prevented_it(kind: str, message: str, missing: tuple[str, ...]) -> None:
    assert Failure(kind, message).missing == missing


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1\nclass A: pass\na, b = 1, 2\n", {"f", "A", "a", "b"}),
        ("import numpy as np, os.path\nfrom math import pi", {"np", "os", "pi"}),
        (
            "Session.close, Session.__enter__ , Session.__exit__ = close, enter, leave\n",
            {".close", ".__enter__", ".__exit__"},
        ),
        ("Tensor.__mul__ = mul\nsetattr(Tensor, 'exp', exp)", {".__mul__", ".exp"}),
        ("class A:\n    def __init__(self):\n        self.n = 1\n", {"A", ".n"}),
        ("A.n == 1\nx.y.z = 2\nf(a.b, c.d)", set()),
    ],
)
def test_what_a_cell_defines(source: str, names: set[str]) -> None:
    assert set(defined_in(source)) == names


def test_an_error_while_tensorflow_traces_is_where_it_was_raised() -> None:
    """TensorFlow's message has the frames of the cells; the traceback only those of generated files."""
    message = (
        "in user code:\n\n    In [22], line 17, in collatz_steps  *\n        raise NotImplementedError()\n\n"
        "    NotImplementedError: not yet"
    )
    trace = "In [30], line 1, in check\n    collatz_steps(3)\n__generated.py, line 21, in tf__collatz_steps\n    raise"
    found = failure_of(StudentError(("NotImplementedError",), message, trace), [])
    assert found.frame == (22, 17, "collatz_steps  *")
    assert found.error == "NotImplementedError: not yet"
