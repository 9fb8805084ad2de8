"""Does a failed test show its public example: what is called, what is expected and what came back?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.sprint import Sprint
from autograder.errors import PlatformFault
from autograder.grading.engine import grade_notebook
from autograder.grading.examples import Example, agrees, problem_of, run_examples
from autograder.grading.limits import Limit
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.results import Results, TestResult
from autograder.grading.selection import Selection
from autograder.grading.shown import ShownExample
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.reports.class_report.messages import head
from tests.support import tiny
from tests.support.conditions import conditions

DOUBLE, BOX, SUBTRACT = tiny.ANSWERS
TRIPLE = DOUBLE.replace("2 * x", "3 * x")
Grade = Callable[..., dict[str, TestResult]]


def marked(sprint: Sprint, folder: Path, mark: str, test: str = "test_numbers") -> Sprint:
    """The throw-away sprint with one more mark at a test."""
    shutil.copytree(sprint.graders, folder / "tiny")
    (path,) = (path for path in (folder / "tiny").glob("test_*.py") if f"def {test}(" in path.read_text())
    path.write_text(path.read_text().replace(f"def {test}(", f"@pytest.mark.{mark}\ndef {test}("))
    return replace(sprint, graders=folder / "tiny")


def results_of(sprint: Sprint, *answers: str, **selection: Any) -> Results:
    """The results of a notebook with these answers, in an ordinary kernel."""
    chosen = replace(conditions(ordinary_kernel, limits=tiny.QUICK), selection=Selection(**selection))
    return grade_notebook(tiny.submission(*answers), sprint, chosen).results


@pytest.fixture
def grade(sprint: Sprint, tmp_path: Path) -> Grade:
    """Grade answers with one more mark at a test; the results of the tests by their bare names."""

    def run(mark: str, *answers: str, test: str = "test_numbers", **selection: Any) -> dict[str, TestResult]:
        results = results_of(marked(sprint, tmp_path, mark, test), *answers, **selection)
        assert Results.from_json(results.to_json()) == results
        return {one.name.rpartition("::")[2]: one for one in tiny.hidden(results)}

    return run


def test_the_gap_is_shown(grade: Grade) -> None:
    test = grade('example("double(10.0)", gives=20.0)', TRIPLE, BOX, SUBTRACT)["test_numbers"]
    assert (test.outcome, test.points) == ("failed", 0)
    lines = test.message.splitlines()
    assert lines[1:5] == ["For example:", "    double(10.0)", "    expected:  20.0", "    got:       30.0"]
    assert lines[0].startswith("double(x) is wrong")
    assert lines[5] == "What was called:"
    assert head(test.message) == lines[0]


def test_an_example_that_is_right_says_so(grade: Grade) -> None:
    only_ten = DOUBLE.replace("return 2 * x", "return 20.0 if np.all(x == 10) else 3 * x").replace(
        "\ndef", "\nimport numpy as np\ndef"
    )
    test = grade('example("double(10.0)", gives=20.0)', only_ten, BOX, SUBTRACT)["test_numbers"]
    assert test.outcome == "failed"
    assert "got:       20.0  (this example is right; the property is tested on other values)" in test.message


CAME_BACK = {
    "raises": (Example("double(None)", raises="TypeError"), "raises TypeError: ", True),
    "raises another": (Example("double(None)", raises="ValueError"), "raises TypeError: ", False),
    "raises nothing": (Example("double(1.0)", raises="ValueError"), "3.0", False),
    "unanswered": (Example("raise NotImplementedError\n0", raises="RuntimeError"), "raises NotImplementedError", False),
    "a subclass": (Example("raise RecursionError\n0", raises="RuntimeError"), "raises RecursionError", True),
    "a number": (Example("double(1.0)", "3.0"), "3.0", False),
    "no data": (Example("double", 2.0), "a function came where data was expected", False),
    "objects in a list": (Example("[Box(), double]", [1.0, 2.0]), "[", False),
    "not imported": (Example("double(np.ones(2))", [2.0, 2.0]), "raises NameError: name 'np' is not defined", False),
    "an array": (Example("import numpy as np\ndouble(np.ones(2))", [2.0, 2.0]), "array([3., 3.])", False),
    "its source": (
        Example("import inspect\ndef f(): return 1\ninspect.getsource(f)", "def f(): return 1\n"),
        "'def f(): return 1",
        True,
    ),
}


@pytest.fixture(scope="module")
def came_back() -> Iterator[dict[str, ShownExample]]:
    """What came back for each, all in one kernel."""
    run = NotebookRun(tiny.submission(TRIPLE, BOX, SUBTRACT), ordinary_kernel, None, tiny.QUICK)
    try:
        run.run_to(len(run.notebook.cells) - 1)
        yield run_examples(run, tiny.QUICK.test, [(name, case[0], 0) for name, case in CAME_BACK.items()])
    finally:
        run.close()


@pytest.mark.parametrize("case", CAME_BACK)
def test_what_came_back(came_back: dict[str, ShownExample], case: str) -> None:
    example, got, right = CAME_BACK[case]
    assert came_back[case].got.startswith(got)
    assert came_back[case].right == right
    assert came_back[case].called == example.code


def test_what_passes_or_is_skipped_shows_none(grade: Grade) -> None:
    mark = 'example("double(10.0)", gives=20.0)'
    assert grade(mark, *tiny.ANSWERS)["test_numbers"].example is None


def test_an_audit_runs_them_all(grade: Grade) -> None:
    test = grade('example("double(10.0)", gives=20.0)', *tiny.ANSWERS, every_example=True)["test_numbers"]
    assert (test.outcome, test.message) == ("passed", "")
    assert test.example is not None
    assert test.example.right


def test_no_test_sees_what_an_example_changes(grade: Grade) -> None:
    """Does it run after all tests, in names of its own?"""
    code = "Box.put = None\\nsubtract = None\\ndouble(1.0)"
    tests = grade(f'example("{code}", gives=2.0)', TRIPLE, BOX, SUBTRACT)
    assert tests["test_numbers"].example is not None
    assert tests["test_total"].outcome == tests["test_subtract"].outcome == "passed"


@pytest.mark.parametrize(
    ("code", "got"),
    [("while True: pass", "stopped after 1 s of CPU time"), ("import os\\nos._exit(1)", "the kernel died")],
)
def test_one_that_does_not_end_costs_nothing(grade: Grade, code: str, got: str) -> None:
    tests = grade(f'example("{code}\\n0", gives=1)', TRIPLE, BOX, SUBTRACT)
    assert tests["test_numbers"].example is not None
    assert got in tests["test_numbers"].example.got
    assert sum(test.points for test in tests.values()) == 5


def test_after_two_that_were_stopped_no_more_are_run(sprint: Sprint) -> None:
    run = NotebookRun(tiny.submission(TRIPLE, BOX, SUBTRACT), ordinary_kernel, None, tiny.QUICK)
    forever = Example("while True: pass\n0", 1)
    try:
        run.run_to(len(run.notebook.cells) - 1)
        shown = run_examples(run, Limit(0.2, 8), [(name, forever, 0) for name in "abc"])
    finally:
        run.close()
    assert list(shown) == ["a", "b"]
    assert shown["b"].got == "stopped after 0.2 s of CPU time"


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (Example("double(", 1), "is not Python: line 1: '(' was never closed"),
        (Example("x = double(1)", 1), "must end with an expression, whose value is shown"),
        (Example("double(1)", [0] * 9), "is too large to be shown: students would read '[0, 0, 0, 0, 0, 0, ...]'"),
        (Example("double(1)" + " " * 600 + "+ 1", 2), "has 612 characters; students read it, so 500 are the most"),
        (Example("double(1)", 2), ""),
    ],
)
def test_what_is_wrong_with_an_example(example: Example, says: str) -> None:
    assert problem_of(example) == says


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ('example("double(1)", gives=1, raises="ValueError")', "an example is @pytest.mark.example"),
        ('example("x = double(1)", gives=1)', "test_numbers: its example must end with an expression"),
    ],
)
def test_an_authors_mistake_is_one_line(sprint: Sprint, tmp_path: Path, mark: str, says: str) -> None:
    with pytest.raises(PlatformFault, match=says):
        results_of(marked(sprint, tmp_path, mark), *tiny.ANSWERS)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([1.0, 2.0]), [1, 2]),
        ([1.00001, 2], np.array([1.0, 2.0])),
        ((1, "a", None), [1, "a", None]),
        (np.float32(0.1), 0.1),
        (float("nan"), float("nan")),
        (np.True_, True),
        ({"a": [1.0]}, {"a": [1]}),
        ("text", "text"),
        (None, None),
        ([[1], [1, 2.0]], [[1.0], [1, 2]]),
        (np.array([]), np.array([])),
    ],
)
def test_alike(got: Any, expected: Any) -> None:
    assert agrees(got, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, True),
        (True, 1),
        ("1", 1),
        (1, "1"),
        ([1], 1),
        ([[1, 2]], [1, 2]),
        ([1, 2, 3], [1, 2]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ((1, "a"), [1, "b"]),
        (None, 0),
        ([[1], [1, 2]], [1.0, 2.0]),
        (np.array(["a"], dtype=object), ["a"]),
        ([], [1]),
    ],
)
def test_not_alike(got: Any, expected: Any) -> None:
    assert not agrees(got, expected)


def test_old_results_have_no_examples(sprint: Sprint) -> None:
    """Is results.json as before where no example was run, and does a later version's word more not matter?"""
    results = results_of(sprint, *tiny.ANSWERS)
    document = results.as_dict()
    assert not any("examples" in cell for cell in document["cells"])
    shown = {"called": "x", "expected": "1", "got": "2", "right": False, "later": 1}
    name = document["cells"][0]["tests"][1]["name"]
    document["cells"][0]["examples"] = {name: shown}
    example = Results.from_json(json.dumps(document)).cells[0].tests[1].example
    assert example is not None
    assert (example.called, example.right) == ("x", False)
