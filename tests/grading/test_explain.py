"""Is the cause named before what only follows from it, and does nobody gain or lose a point by it?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.course.sprint import Sprint
from autograder.errors import PlatformFault
from autograder.grading.engine import GradedNotebook, grade_notebook
from autograder.grading.results import Results
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.notebook.cells import grade_id
from tests.support import tiny
from tests.support.conditions import conditions

DOUBLE, BOX, SUBTRACT = tiny.ANSWERS
INDENTED = "\ndef subtract(a, b):\n    c = a\n   return a - b\n"
SLOW = DOUBLE.replace("    if", "    while True: pass\n    if", 1)
RAISING_BOX = BOX.replace("self.numbers = []", "self.numbers = lst()", 1)
Graded = Callable[..., GradedNotebook]


def texts(results: Results) -> list[str]:
    return [cause.text for cause in results.causes]


@pytest.mark.parametrize(
    ("answers", "cause", "skipped", "score"),
    [
        ((DOUBLE + "  x", BOX, SUBTRACT), "cell 2 (task `double`), line 6: IndentationError: ", 3, 4),
        ((DOUBLE, "class Box:\n    def put(self:\n", SUBTRACT), "cell 4 (task `box`), line 2: SyntaxError: ", 2, 4),
        ((DOUBLE, BOX, INDENTED), "cell 6 (task `subtract`), line 4: IndentationError: ", 1, 6),
        (
            ("import lost_module\n" + DOUBLE, BOX, SUBTRACT),
            "cell 2 (task `double`), line 1: ModuleNotFoundError: ",
            3,
            4,
        ),
        ((DOUBLE.replace("double", "twice"), BOX, SUBTRACT), "cell 2 (task `double`) does not define `double`", 3, 4),
        (("# later", BOX, SUBTRACT + DOUBLE), "`double` is defined in cell 6 (task `subtract`), too late", 3, 4),
        ((DOUBLE, RAISING_BOX, SUBTRACT), "cell 4 (task `box`), line 4: NameError: name 'lst' is not", 1, 4),
        ((DOUBLE,), "cell 4 (task `box`) is as it was released: nothing is written there yet", 2, 3),
    ],
)
def test_the_cause_is_one_line_and_the_tests_are_skipped(
    grade_fully: Graded, answers: tuple[str, ...], cause: str, skipped: int, score: float
) -> None:
    results = grade_fully(*answers).results
    assert texts(results)[0].startswith(cause)
    assert list(tiny.outcomes(results).values()).count("skipped") == skipped + (len(answers) == 1)
    assert results.score == score
    assert results.status == "graded"
    for test in (test for test in results.tests if test.outcome == "skipped"):
        assert test.points == 0
        assert any(text in test.message.partition("\n")[0] for text in texts(results))
    assert any(cell.cause == texts(results)[0] for cell in results.cells)
    assert Results.from_json(results.to_json()) == results


def test_the_right_solution_has_no_cause(grade_fully: Graded) -> None:
    results = grade_fully(*tiny.ANSWERS).results
    assert results.causes == ()
    assert "causes" not in results.as_dict()


def test_a_property_that_does_not_hold_is_never_skipped(grade_fully: Graded) -> None:
    """A wrong value came back, so the test has a reason of its own."""
    results = grade_fully(DOUBLE.replace("2 * x", "3 * x"), BOX, SUBTRACT).results
    assert set(tiny.outcomes(results).values()) == {"passed", "failed"}
    assert results.causes == ()


def test_a_task_that_fails_by_itself_comes_before_a_cell_that_raises_below_it(grade_fully: Graded) -> None:
    """The cell may raise because of what the task gave it; one that does not parse has no other cause."""
    wrong = DOUBLE.replace("2 * x", "3 * x")
    first, second = grade_fully(wrong, RAISING_BOX, SUBTRACT).results.causes
    assert first.text.startswith("task `double`, where this does not hold: ")
    assert (first.task, first.cell, first.test.partition("::")[0]) == ("double", 0, "test_double.py")
    assert second.text.startswith("cell 4 (task `box`), line 4: NameError")
    (only,) = texts(grade_fully(wrong, BOX, INDENTED).results)
    assert only.startswith("cell 6 (task `subtract`), line 4: IndentationError")
    assert texts(grade_fully(DOUBLE, RAISING_BOX, SUBTRACT.replace("a - b", "b - a")).results)[0] == second.text


def test_a_name_that_is_used_too_early_is_told_where_it_is_used(grade_fully: Graded) -> None:
    """The cell that defines it is right."""
    early = DOUBLE.replace("2 * x", "subtract(x, -x)")
    (cause,) = grade_fully(early, BOX, SUBTRACT).results.causes
    assert cause.text.endswith("uses `subtract`, which is defined only later, in cell 6")
    assert (cause.cell, cause.task) == (2, "double")


def test_a_check_that_hides_the_error_is_put_down_to_the_empty_answer(sprint: Sprint, tmp_path: Path) -> None:
    """A check that calls the answer in a thread fails in words of its own; those of a wrong answer come first."""
    released = tiny.released()
    cells = {grade_id(cell): cell for cell in released.cells}
    cells["solve_double"].source = "def double(x):\n    raise NotImplementedError"
    cells["double"].source = (
        "got = []\ndef ask():\n    try:\n        got.append(double(2))\n    except NotImplementedError:\n"
        "        pass\nask()\nassert got == [4], 'double gave nothing back'"
    )
    nbformat.write(released, tmp_path / "tiny.ipynb")
    mine = replace(sprint, release=tmp_path / "tiny.ipynb")
    for answer, first in (
        ("", "Skipped, because it can only fail until "),
        ("def double(x):\n    return 3 * x", "the public"),
    ):
        cells["solve_double"].source = answer or cells["solve_double"].source
        results = grade_notebook(released, mine, conditions(ordinary_kernel)).results
        (shown,) = (test for test in results.cells[0].tests if test.name.endswith("::public_check"))
        assert shown.message.startswith(first)
        assert shown.message.endswith("double gave nothing back")


@pytest.mark.slow
def test_a_call_that_takes_too_long_is_told_once(sprint: Sprint) -> None:
    notebook = tiny.submission(SLOW, BOX, SUBTRACT)
    results = grade_notebook(notebook, sprint, conditions(ordinary_kernel, limits=tiny.QUICK)).results
    ended = tiny.outcomes(results)
    assert [ended[name] for name in ("test_numbers", "test_arrays")] == ["timeout", "skipped"]
    (cause,) = results.causes
    assert cause.text.startswith("cell 2 (task `double`): calling `double`: stopped after 1 s of CPU time")
    assert cause.test == "test_double.py::test_numbers"


def test_a_cell_that_fails_because_of_another_is_no_cause(grade_fully: Graded) -> None:
    results = grade_fully(DOUBLE + "  x", "import math\ntwo = double(1)\n" + BOX, SUBTRACT).results
    assert len(results.causes) == 1
    assert results.score == 1


def test_an_error_that_is_only_printed_gains_nothing(grade_fully: Graded) -> None:
    """Does text that looks like an error's decide no more than the wording?"""
    forged = (
        "\nfrom IPython.core.display_functions import publish_display_data\n"
        "get_ipython().kernel.send_response(get_ipython().kernel.iopub_socket, 'error',"
        " {'ename': 'SyntaxError', 'evalue': 'well (x, line 3)', 'traceback': ['Cell In[1], line 99999999999999']})\n"
    )
    results = grade_fully(DOUBLE + forged, BOX.replace("sum(", "max("), SUBTRACT).results
    assert results.score == 5
    assert tiny.outcomes(results)["test_total"] == "failed"


def test_an_error_with_words_of_the_platforms_is_the_cells_own(grade_fully: Graded) -> None:
    """Does a student's exception not say that no time was left, nor name a line that the cell does not have?"""
    spent = DOUBLE + "\nraise TimeoutError('not run: the notebook had used up 90 s')"
    line = BOX + "\nraise type('SyntaxError', (Exception,), {})('well (x, line 999999)')"
    results = grade_fully(spent, line, SUBTRACT).results
    assert texts(results)[0].startswith("cell 2 (task `double`), line ")
    assert "TimeoutError: not run" in texts(results)[0]
    assert texts(results)[1] == "cell 4 (task `box`): SyntaxError: well"
    assert not any("came after" in text for text in texts(results))


def test_many_cells_that_fail_are_not_all_told(sprint: Sprint) -> None:
    notebook = tiny.submission(*tiny.ANSWERS)
    failing = [tiny.submission("1 / 0").cells[1] for _ in range(30)]
    for cell in failing:
        cell.metadata = {}
    notebook.cells[1:1] = failing
    results = grade_notebook(notebook, sprint, conditions(ordinary_kernel)).results
    assert results.score == results.max_score
    assert len(results.causes) == 20
    assert texts(results)[0] == "cell 2, line 1: ZeroDivisionError: division by zero"


@pytest.mark.parametrize("needs", ["double", "lost"])
def test_a_task_that_builds_on_another(sprint: Sprint, tmp_path: Path, needs: str) -> None:
    """Is a failed test of a task skipped if nothing of the task it needs is right, and is an unknown task refused?"""
    shutil.copytree(sprint.graders, tmp_path / "tiny")
    path = tmp_path / "tiny" / "test_subtract.py"
    path.write_text(path.read_text() + f'\n\npytestmark = pytest.mark.needs("{needs}")\n')
    mine = replace(sprint, graders=tmp_path / "tiny")
    wrong = tiny.submission("def double(x):\n    return 7", BOX, "def subtract(a, b):\n    return 7")
    if needs == "lost":
        with pytest.raises(PlatformFault, match="it needs the task 'lost'"):
            grade_notebook(wrong, mine, conditions(ordinary_kernel))
        return
    results = grade_notebook(wrong, mine, conditions(ordinary_kernel)).results
    assert tiny.outcomes(results)["test_subtract"] == "skipped"
    assert texts(results) == ["task `double` comes first: none of its tests passes"]
    assert results.score == 3


def test_the_cause_in_japanese(grade_fully: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_LANGUAGE", "ja")
    results = grade_fully(DOUBLE + "  x", BOX, SUBTRACT).results
    assert texts(results)[0].startswith("セル 2（課題 `double`）、6 行目: IndentationError: ")
