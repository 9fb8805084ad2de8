"""Are messages of the same mistake equal, and messages of different ones not?"""

from __future__ import annotations

import pytest

from autograder.reports.class_report.messages import head, names_in, normaliser

KNOWN = names_in(["def backward(self, grad): return topological_order(self)", "x.grad", "class Tensor: pass"])


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        ("x.grad is wrong at 6 of 6 places", "x.grad is wrong at 1 of 12 places", "x.grad is wrong at … of … places"),
        ("came back: array([[1.5, -2e-05], [3, 4]])", "came back: array([7])", "came back: array(…)"),
        ("came back: array(shape=(4, 3), dtype=float64)", "came back: array(shape=(2,))", "came back: array(…)"),
        ("came back: [1.67, 3.72, 8.3]", "came back: [2, 3]", "came back: …"),
        ("NameError: name 'my_helper' is not defined", "NameError: name 'h2' is not defined",
         "NameError: name '…' is not defined"),
        ("TypeError: total_loss() takes 2 positional arguments", "TypeError: f() takes 3 positional arguments",
         "TypeError: …() takes … positional arguments"),
        ("<Net object at 0x7f3a>", "<Net object at 0x11b2>", "<Net object at …>"),
        ("what came back: nan", "what came back: 0.333", "what came back: …"),
        ("KeyError: 'ada'", "KeyError: 'bob'", "KeyError: '…'"),
        ("myNet failed\nWhat was called:\n    a", "hisNet failed\nHint: b", "… failed"),
    ],
)  # fmt: skip
def test_what_varies_is_taken_out(one: str, other: str, left: str) -> None:
    normalised = normaliser(KNOWN)
    assert normalised(one) == normalised(other) == left


@pytest.mark.parametrize(
    "text",
    [
        "NameError: the notebook defines no Times",
        "AttributeError: 'Tensor' object has no attribute 'grad'",
        "TypeError: backward() missing",
        "topological_order must begin with the leaves",
        "float32 came where float64 was expected",
    ],
)
def test_what_is_the_same_for_everybody_stays(text: str) -> None:
    assert normaliser(KNOWN)(text) == text


def test_different_mistakes_stay_different() -> None:
    normalised = normaliser(KNOWN)
    assert normalised("x.grad is wrong") != normalised("x.data is wrong")
    assert normalised("'Tensor' has no 'grad'") != normalised("'Tensor' has no 'total'")


def test_the_head_is_what_happened() -> None:
    assert head("it is wrong\nWhere:\n    In [2]\nHint: think") == "it is wrong"
    assert head("What was called:\n    f()") == ""
    assert len(head("x" * 10_000)) == 400


def test_a_hostile_message_takes_no_time() -> None:
    """Nested brackets and quotes without an end, as long as a message can be."""
    normalised = normaliser(KNOWN)
    for evil in ("array(" * 1000, "((((1,2," * 800, "'" * 4000, "… " * 2000, "a_" * 2000, "[" * 4000, "1e" * 2000):
        assert len(normalised(evil)) <= 800
