"""Does grading get over faults of ours, and bring back what a notebook wrote?"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from autograder.course.sprint import Sprint
from autograder.errors import PlatformFault
from autograder.grading.engine import grade_notebook
from autograder.grading.selection import Selection
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel, KernelSource
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.notebook.cells import cells_with_tests
from tests.support import tiny
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox, owned, small_jail

FULL = 7.0
WRITES = """
import os
open('written.txt', 'w').write('kept')
os.makedirs('sub', exist_ok=True)
open('sub/more.txt', 'w').write('kept too')
open('given.txt', 'a').write(' and changed')
os.symlink('/etc/passwd', 'link')
open('tiny.ipynb', 'w').write('{}')
"""


def failing(times: int) -> tuple[KernelSource, list[int]]:
    """A source of kernels whose first ``times`` are not to be had; and how often it was asked."""
    asked: list[int] = []

    def source(files: Path | None) -> Kernel:
        asked.append(len(asked))
        if len(asked) <= times:
            raise PlatformFault("a kernel did not start: no memory")
        return ordinary_kernel(files)

    return source, asked


def test_a_fault_of_the_platform_is_tried_once_more(sprint: Sprint) -> None:
    source, asked = failing(1)
    done = grade_notebook(tiny.submission(*tiny.ANSWERS), sprint, conditions(source))
    assert (done.results.score, done.results.status) == (FULL, "graded")
    assert len(asked) > 1


def test_one_that_stays_is_broken_and_no_zero(sprint: Sprint) -> None:
    source, _ = failing(10_000)
    done = grade_notebook(tiny.submission(*tiny.ANSWERS), sprint, conditions(source))
    assert (done.results.score, done.results.status) == (0, "broken")
    assert any("no memory" in fault for fault in done.faults.values())


def test_the_notebook_that_is_given_stays_as_it_is(sprint: Sprint) -> None:
    nb = tiny.submission(*tiny.ANSWERS)
    done = grade_notebook(nb, sprint, conditions())
    assert all(not cell.get("outputs") for cell in nb.cells)
    assert any(cell.get("execution_count") for cell in done.notebook.cells)


def brings_back(sprint: Sprint, tmp_path: Path, source: KernelSource) -> None:
    files, written = tmp_path / "files", tmp_path / "written"
    files.mkdir()
    written.mkdir()
    (files / "given.txt").write_text("given")
    (files / "untouched.txt").write_text("given")
    nb = tiny.submission(tiny.ANSWERS[0] + WRITES, *tiny.ANSWERS[1:])
    done = grade_notebook(nb, sprint, conditions(source), files=files, written=written)
    assert done.results.score == FULL
    came = {str(path.relative_to(written)): path.read_text() for path in written.rglob("*") if path.is_file()}
    assert came == {"written.txt": "kept", "sub/more.txt": "kept too", "given.txt": "given and changed"}
    assert (files / "given.txt").read_text() == "given"


def test_what_the_notebook_wrote_comes_back(sprint: Sprint, tmp_path: Path) -> None:
    brings_back(sprint, tmp_path, ordinary_kernel)


@needs_sandbox
def test_what_it_wrote_in_a_jail_comes_back_too(sprint: Sprint, tmp_path: Path) -> None:
    with small_jail() as jail:
        brings_back(sprint, tmp_path, lambda files: jailed_kernel(files, jail))


@needs_sandbox
@pytest.mark.parametrize("after", [2, 5])
def test_a_warm_process_that_dies_while_it_grades_costs_nobody_a_point(sprint: Sprint, after: int) -> None:
    with small_jail() as jail:
        once = [after]

        def dies(done: int, total: int, title: str) -> None:
            if done in once:
                once.clear()
                process = owned(jail)._process
                assert process is not None
                process.kill()

        nb = tiny.submission(*tiny.ANSWERS)
        done = grade_notebook(nb, sprint, conditions(lambda files: jailed_kernel(files, jail)), progress=dies)
    assert once == [], "it died"
    assert (done.results.score, done.results.status) == (FULL, "graded")


def test_one_failure_is_enough_when_that_is_all_one_wants_to_know(sprint: Sprint) -> None:
    """Is nothing run after it, and does no public check count as one?"""
    answers = (tiny.DOUBLE_ANSWER.replace("2 * x", "3 * x"), *tiny.ANSWERS[1:])
    whole = grade_notebook(tiny.submission(*answers), sprint, conditions()).results
    part = grade_notebook(
        tiny.submission(*answers), sprint, conditions(selection=Selection(stop_at_first=True))
    ).results
    assert tiny.outcomes(whole)["test_numbers"] == tiny.outcomes(part)["test_numbers"] == "failed"
    assert {o for name, o in tiny.outcomes(part).items() if name != "test_numbers"} == {"broken"}
    assert part.cells[0].tests[0].outcome == "failed"  # the public check came first


def test_tests_of_cells_before_a_place_can_be_left_out(sprint: Sprint) -> None:
    """Do the cells before it run all the same, and are the results of the others those of a whole run?"""
    nb = tiny.submission(*tiny.ANSWERS)
    whole = grade_notebook(nb, sprint, conditions()).results
    place = list(cells_with_tests(nb).values())[1]
    part = grade_notebook(nb, sprint, conditions(selection=Selection(from_place=place))).results
    assert [cell.id for cell in part.cells] == [cell.id for cell in whole.cells[1:]]
    texts = [re.sub(r'"duration_s": .*', "", results.to_json()) for results in (whole.merged(part), whole)]
    assert texts[0] == texts[1]


def test_the_tests_of_one_cell_alone(sprint: Sprint) -> None:
    """Are its results those of a whole run, and do the cells behind it not run?"""
    nb = tiny.submission(*tiny.ANSWERS)
    whole = grade_notebook(nb, sprint, conditions()).results
    place = list(cells_with_tests(nb).values())[1]
    graded = grade_notebook(nb, sprint, conditions(selection=Selection(from_place=place, to_place=place)))
    assert [cell.id for cell in graded.results.cells] == [whole.cells[1].id]
    texts = [re.sub(r'"duration_s": .*', "", results.to_json()) for results in (whole.merged(graded.results), whole)]
    assert texts[0] == texts[1]
    ran = [at for at, cell in enumerate(graded.notebook.cells) if cell.get("execution_count")]
    assert max(ran) == place


def test_the_order_of_tests_within_a_cell_makes_no_difference(sprint: Sprint) -> None:
    """Is there another order, are cells where they were, and is everything else the same?"""
    nb = tiny.submission(*tiny.ANSWERS)
    runs = [
        grade_notebook(nb, sprint, conditions(selection=Selection(shuffle=number))).results
        for number in (None, 1, 2, 3)
    ]
    orders = [[test.name for test in run.tests] for run in runs]
    assert len({tuple(order) for order in orders}) > 1
    assert len({tuple(sorted(order)) for order in orders}) == 1
    assert [[cell.id for cell in run.cells] for run in runs] == [["double", "box", "subtract"]] * 4
    assert {run.score for run in runs} == {FULL}


def test_settings_for_other_tests_change_nothing(sprint: Sprint, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI may set them for a course's own tests: is a submission graded by all of ours all the same?"""
    nb = tiny.submission("def double(x):\n    return 3 * x", *tiny.ANSWERS[1:])
    usual = grade_notebook(nb, sprint, conditions()).results
    monkeypatch.setenv("PYTEST_ADDOPTS", "--maxfail=1 -k double")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    results = grade_notebook(nb, sprint, conditions()).results
    assert [[(test.name, test.outcome) for test in cell.tests] for cell in results.cells] == [
        [(test.name, test.outcome) for test in cell.tests] for cell in usual.cells
    ]
    assert 0 < usual.score < FULL
    assert os.environ["PYTEST_PLUGINS"] == "no_such_plugin"


def test_a_sprint_of_the_same_name_elsewhere_has_its_own_tests(sprint: Sprint, tmp_path: Path) -> None:
    """Is a notebook graded by the tests in the folder that was named, whatever this process graded by before?"""
    other = tiny.sprint(tiny.write_course(tmp_path))
    stricter = other.graders / "test_subtract.py"
    stricter.write_text(stricter.read_text().replace("2.0", "3.0"))
    scores = [
        grade_notebook(tiny.submission(*tiny.ANSWERS), s, conditions()).results.score for s in (sprint, other, sprint)
    ]
    assert scores[0] == scores[2] == FULL > scores[1]
