"""Do trivial solutions keep what was given and do no work, and is a test named that one of them passes?"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.audit.audit import run_audit
from autograder.audit.matrix import figures
from autograder.audit.trivial import FAMILY, trivial_solutions, without_work
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import solution_cells
from autograder.course.sprint import find_sprint
from autograder.notebook.read import read_release
from tests.support.sprints_made import grader_in, make_sprint, replace

BEGIN, END = "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"


def idle(text: str, kind: str = "returns 0") -> str:
    return without_work(text, FAMILY[kind])


@pytest.mark.parametrize(
    ("kind", "parameters", "returned"),
    [
        ("returns None", "x", "None"),
        ("returns its first argument", "self, x, y=1", "x"),
        ("returns its first argument", "self", "self"),
        ("returns its first argument", "*xs, k", "xs"),
        ("returns its first argument", "", "None"),
        ("returns zeros like its first argument", "ctx, x", '__import__("numpy").zeros_like(x)'),
        ("returns its first argument times 0", "x, /", "x * 0"),
    ],
)
def test_each_kind_returns_what_it_is_called_after(kind: str, parameters: str, returned: str) -> None:
    head = f'def f({parameters}):\n    """What it does."""\n'
    body = f"{BEGIN}    a = 1\n    if a:\n        return a\n    return 2\n{END}"
    assert idle(head + body, kind) == f"{head}{BEGIN}    return {returned}\n{END}"


def test_what_was_given_stays() -> None:
    """Statements before the student's, functions without any of theirs, properties, and what runs behind the cell."""
    given = (
        "import math\n\n\nclass A:\n    def __init__(self):\n        super().__init__()\n        ### BEGIN SOLUTION\n"
        "        {init}\n        ### END SOLUTION\n\n    @property\n    def shape(self):\n        ### BEGIN SOLUTION\n"
        "        {shape}\n        ### END SOLUTION\n\n    def __repr__(self):\n        return 'A'\n\n\nA.f = math.sin\n"
    )
    text = given.format(init="self.x = [1]\n        self.y = 2", shape="return self.x")
    assert idle(text) == given.format(init="return None", shape="return 0")


def test_a_function_inside_a_given_one_and_one_that_is_all_the_students() -> None:
    inside = f"def f(x):\n    def g(y):\n    {BEGIN}        return y\n    {END}\n    return g\n"
    assert idle(inside) == inside.replace("return y", "return 0")
    whole = (
        "### BEGIN SOLUTION\ndef f(x):\n    @cached\n    def g(y):\n        return y\n    return g\n### END SOLUTION\n"
    )
    assert idle(whole) == "### BEGIN SOLUTION\ndef f(x):\n    return 0\n### END SOLUTION\n"


def test_a_context_manager_without_work_is_one_still() -> None:
    text = f"@contextmanager\ndef f():\n{BEGIN}    a()\n    try:\n        yield\n    finally:\n        b()\n{END}"
    assert idle(text) == f"@contextmanager\ndef f():\n{BEGIN}    yield 0\n{END}"


@pytest.mark.parametrize("slug", ["define_by_run", "session_graphs", "tf_function", "device_placement"])
def test_every_task_has_them_and_none_twice(slug: str) -> None:
    cells = solution_cells(slug, ROOT)
    made = list(trivial_solutions(read_release(find_sprint(slug).release), cells))
    assert {name for one in made for name in one.solution.cells} == set(cells)
    assert len({(one.task, *one.solution.cells.values()) for one in made}) == len(made) >= 10 * len(cells)
    for one in made:
        for source in one.solution.cells.values():
            ast.parse(source)
            assert "### " not in source


def test_a_test_that_is_passed_without_work_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its points, and only with those solutions that pass it."""
    monkeypatch.setenv("AUTOGRADER_PRELOAD", "numpy")
    sprint = make_sprint(tmp_path)
    replace(grader_in(tmp_path), "points(2)", "points(1)")
    body = '"""It is none."""\n    assert student.mean([1.0]) is None\n'
    extra = f"@pytest.mark.points(1)\ndef test_kind(student):\n    {body}"
    grader_in(tmp_path).write_text(grader_in(tmp_path).read_text() + "\n\n" + extra)
    (tmp_path / "reference" / sprint.slug / "promises.toml").unlink()
    done = run_audit(sprint, tmp_path, at_most=0, behaviours=0, workers=1)
    found = [str(one) for one in done.findings if "without work" in str(one)]
    name = "test_first_task.py::test_kind"
    assert found == [f"first_task returns None: {name} passes, and 1 points are earned without work"]
    (line,) = (line for line in figures(done) if line.startswith("trivial"))
    assert line == f"trivial solutions without a point: {len(done.trivial) - 1} of {len(done.trivial)}"
