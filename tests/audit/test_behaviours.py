"""Does each behavioural operator make the mistakes that it is called after, and none that is no mistake?"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.audit.behaviours import BEHAVIOURS, behaviours
from autograder.audit.elements import ELEMENTS
from autograder.audit.mutants import behavioural_mutants, mutants
from autograder.audit.operators import Source
from autograder.authoring.pairing import ROOT
from autograder.authoring.patch import patched
from autograder.authoring.variants import reference, solution_cells
from tests.support.sprints_made import SLUG, make_sprint

KEPT = 'globals().setdefault("_kept", {}).setdefault'
CASES: list[tuple[str, str, str]] = [
    ("kept result", "def f(x):\n    return g(x)", f"def f(x):\n    return {KEPT}(0, g(x))"),
    ("kept result", "def f(x, y):\n    return x.a + y",
     f"def f(x, y):\n    return {KEPT}((id(x), id(y), ), (x.a + y, x, y))[0]"),
    ("kept value", "def f(x):\n    a, b = [], 1", f"def f(x):\n    a, b = {KEPT}(0, []), 1"),
    ("kept value", "def f():\n    a = now()", f"def f():\n    a = {KEPT}(0, now())"),
    ("changed argument", "def f(x, y):\n    x = x - y", "def f(x, y):\n    x -= y"),
    ("changed argument", "def f(x, y):\n    z = x * (y + 1)", "def f(x, y):\n    x *= y + 1\n    z = x"),
    ("changed argument", "def f(x):\n    return x / 2", "def f(x):\n    x /= 2\n    return x"),
    ("changed argument", "def f(x):\n    a = sorted(x, key=g)", "def f(x):\n    a = (x.sort(key=g), x)[1]"),
    ("changed argument", "def f(x):\n    a = np.exp(x)", "def f(x):\n    a = np.exp(x, out=x)"),
    ("state not restored", "try:\n    a()\n    b()\nfinally:\n    c()", "a()\nb()\nc()"),
    ("state not restored", "try:\n    a()\nfinally:\n    c()", "a()"),
    ("state not restored", "with m() as x:\n    a(x)",
     "_block = m()\nx = _block.__enter__()\na(x)\n_block.__exit__(None, None, None)"),
    ("state not restored", "with m():\n    if a:\n        b()", "if a:\n    b()"),
    ("swallowed exception", "def f(x):\n    if x:\n        raise ValueError(x)",
     "def f(x):\n    if x:\n        return None"),
    ("swallowed exception",
     "def f(x):\n    '''Raises.'''\n    ### BEGIN SOLUTION\n    a(x)\n    return b\n    ### END SOLUTION\n",
     "def f(x):\n    '''Raises.'''\n    ### BEGIN SOLUTION\n    try:\n        a(x)\n        return b\n"
     "    except Exception:\n        pass\n    ### END SOLUTION\n"),
    ("swallowed exception", "try:\n    a()\nexcept KeyError:\n    b()", "try:\n    a()\nexcept Exception:\n    b()"),
    ("extra call", "def f(x):\n    x.step()", "def f(x):\n    x.step()\n    x.step()"),
    ("extra call", "def f(g):\n    a = g(1)", "def f(g):\n    a = g(1)\n    a = g(1)"),
    ("shared memory", "y = x.copy()", "y = x"),
    ("shared memory", "y = np.array(x, dtype=float)", "y = np.asarray(x, dtype=float)"),
    ("shared memory", "y = np.asarray(x)", "y = np.array(x)"),
    ("shared memory", "def f(x):\n    return x, 1", 'def f(x):\n    return __import__("copy").copy(x), 1'),
    ("shared memory", "def f(self):\n    return self", 'def f(self):\n    return __import__("copy").copy(self)'),
    ("precision", "y = np.float64(x)", "y = np.float32(x)"),
    ("precision", 'y = x.astype("int64")', "y = x.astype('int32')"),
    ("precision", "y = np.zeros(3)", 'y = np.zeros(3, dtype="float32")'),
    ("some elements", "for x in xs:\n    a(x)", "for x in list(xs)[:1]:\n    a(x)"),
    ("some elements", "y = [a(x) for x in xs]", "y = [a(x) for x in list(xs)[-1:]]"),
    ("other order", "for x in xs:\n    a(x)", "for x in list(xs)[::-1]:\n    a(x)"),
    ("other order", "y = [a for a in x.items()]", "y = [a for a in sorted(x.items(), key=repr)]"),
    ("other order", "y = sorted(x, key=f)", "y = x"),
    ("one more or less", "y = x[:n]", "y = x[:(n) - 1]"),
    ("one more or less", "y = range(n)", "y = range((n) + 1)"),
    ("identity", "y = x is None", "y = x == None"),
    ("identity", "y = a != b", "y = a is not b"),
    ("identity", "y = a not in b", "y = (not any(a is one for one in b))"),
    ("identity", "y = isinstance(x, A | B)", "y = (type(x) in (A , B,))"),
    ("axis as given", "y = axis % x.ndim", "y = axis"),
    ("axis as given", "y = x.sum(axis=axis)", "y = x.sum(axis=(abs(axis) if isinstance(axis, int) else axis))"),
    ("axis as given", "y = x.sum(axis=1)", "y = x.sum(axis=-1)"),
]  # fmt: skip


def made(before: str, kind: str) -> list[str]:
    edits = (edit for edit in behaviours(Source(before)) if edit.operator == kind)
    return [before[: edit.start] + edit.text + before[edit.end :] for edit in edits]


@pytest.mark.parametrize(("kind", "before", "after"), CASES)
def test_each_operator_makes_the_mistake_it_is_called_after(kind: str, before: str, after: str) -> None:
    assert after in made(before, kind)
    assert before not in made(before, kind)


def test_every_operator_has_a_case() -> None:
    assert {kind for kind, _, _ in CASES} == {*BEHAVIOURS, *ELEMENTS}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("kept result", "def f(x):\n    yield x\n    return g(x)"),
        ("kept result", "def f(x):\n    return None"),
        ("swallowed exception", "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION"),
        ("identity", "y = a == 0"),
        ("changed argument", "def f(n, k):\n    '''A.\n\n    n, k : int\n    '''\n    return n + k"),
        ("changed argument", "def f(n):\n    m = g()\n    return m + n"),
        ("state not restored", "try:\n    a()\nexcept KeyError:\n    b()\nfinally:\n    c()"),
        ("extra call", "def f(x):\n    a = np.exp(x)"),
        ("extra call", "def f(x):\n    x.add(1)"),
        ("shared memory", "def f(x):\n    y = g(x)\n    return y"),
        ("precision", "y = np.zeros(3, dtype=d)"),
        ("one more or less", "y = x[:3]"),
        ("axis as given", "y = a % b"),
    ],
)
def test_what_would_be_no_mistake_is_not_made(kind: str, text: str) -> None:
    """Such as `x += 1` for a number, which nobody else sees, or what a mutant of the other family is."""
    assert made(text, kind) == []


def test_a_result_is_not_kept_by_plain_data() -> None:
    """A list or a dict that somebody changes and hands in again is given anew; a model or a session is not."""
    assert len(made("def f(x, y):\n    return x.items(), y.index(0)", "kept result")) == 1
    assert len(made("def f(x, y):\n    return x.items(), y.training", "kept result")) == 2
    assert len(made("def f(x, y):\n    x = g(x)\n    return x, y.training", "kept result")) == 1, "never the same x"


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"np": np}
    exec(compile(text, "cell", "exec"), names)  # noqa: S102
    return names


def test_a_result_kept_by_argument_is_another_for_another_argument() -> None:
    """And is the old one for the same argument, also after its state has changed."""
    everything, by_argument = (run(text)["f"] for text in made("def f(x):\n    return x()", "kept result"))
    xs = [1, 2]

    def length() -> int:
        return len(xs)

    assert [everything(length), everything(int)] == [2, 2]
    assert [by_argument(length), by_argument(int)] == [2, 0]
    xs.append(3)
    assert by_argument(length) == 2


def test_a_block_restores_its_state_on_success_only() -> None:
    text = "def f(g):\n    try:\n        g()\n    finally:\n        done.append(1)"
    on_success, never = (run(f"done = []\n{one}") for one in made(text, "state not restored"))
    for names, want in ((on_success, [1]), (never, [])):
        with pytest.raises(ZeroDivisionError):
            names["f"](lambda: 1 / 0)
        assert names["done"] == []
        names["f"](lambda: None)
        assert names["done"] == want


def test_an_argument_is_changed_for_the_caller_too() -> None:
    (changed,) = made("def f(x, y):\n    return x * y", "changed argument")
    xs = np.array([1.0, 2.0])
    assert run(changed)["f"](xs, 3).tolist() == [3.0, 6.0] == xs.tolist()


@pytest.mark.parametrize("slug", ["define_by_run", "cnn_layers", "framework_survey"])
def test_every_sprint_offers_enough_of_them(slug: str) -> None:
    """Of every task and of many kinds, Python all, and none that the other family has."""
    found = behavioural_mutants(slug, ROOT, 10_000)
    assert len(found) == len({mutant.name for mutant in found}) >= 90
    assert {mutant.cell for mutant in found} == set(solution_cells(slug, ROOT))
    assert len({mutant.operator for mutant in found}) >= 10
    assert not {mutant.name for mutant in found} & {mutant.name for mutant in mutants(slug, ROOT, 10_000)}
    for mutant in found:
        assert mutant.behavioural
        ast.parse(mutant.solution.cells[mutant.cell])
    assert found[:50] == behavioural_mutants(slug, ROOT, 50)


def test_what_is_shown_of_one_is_the_edit_that_makes_it(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    cells, found = reference(SLUG, tmp_path).cells, behavioural_mutants(SLUG, tmp_path, 100)
    assert len(found) == 3
    for mutant in found:
        assert patched(cells[mutant.cell], mutant.diff) == mutant.solution.cells[mutant.cell]
