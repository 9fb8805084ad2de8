"""Does `autograder demo` show what it says: a class, end to end, through nbgrader's own commands?"""

import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.demo.class_of_six import MARK, DemoResult, gradebook, run_demo
from autograder.errors import BadInput

FULL = {
    "tensor": 2, "function": 3, "topological_order": 3, "backward": 8, "unbroadcast": 2, "arithmetic": 5,
    "operations": 5, "no_grad": 3, "gradcheck": 4, "train": 5,
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, DemoResult], Path, str]:
    """One run: the results by student, the demo's folder, what was printed."""
    folder = tmp_path_factory.mktemp("demo")
    printed = io.StringIO()
    results = run_demo("define_by_run", folder, Console(file=printed, width=120))
    return {result.student.id: result for result in results}, folder, printed.getvalue()


@pytest.mark.parametrize("student", ["aiko", "bela"])
def test_right_solutions_get_full_marks(demo: tuple[dict[str, DemoResult], Path, str], student: str) -> None:
    """Does whoever is right, in the usual or in an unusual way, get everything?"""
    assert demo[0][student].points == FULL


def test_wrong_tasks_cost_themselves(demo: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Are exactly the two wrong tasks missing?"""
    assert demo[0]["chen"].points == FULL | {"gradcheck": 0, "train": 0}


def test_endless_loop_costs_the_tests_in_which_it_runs(demo: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Are only two tests of one task lost?"""
    assert demo[0]["dina"].points == FULL | {"gradcheck": 3}


@pytest.mark.parametrize("student", ["emil", "fritz"])
def test_nothing_done_and_forged_get_nothing(demo: tuple[dict[str, DemoResult], Path, str], student: str) -> None:
    """Is nothing gained by doing nothing, or by forging?"""
    assert demo[0][student].points == dict.fromkeys(FULL, 0)


def test_the_table_is_printed(demo: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Does the table name every student, and the totals?"""
    results, _, printed = demo
    for student, result in results.items():
        line = next(line for line in printed.splitlines() if student in line)
        assert f" {result.total:g} " in line


def test_the_report_is_made_and_named(demo: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Does it show the class that the table shows?"""
    results, folder, printed = demo
    page = folder / "course" / "report" / "define_by_run.html"
    assert f"{page}  the class at a glance" in printed
    text = page.read_text()
    mean = sum(result.total for result in results.values()) / len(results)
    assert f"<td>{mean:g}</td>" in text
    assert 'href="../feedback/chen/define_by_run/define_by_run.html"' in text


def test_feedback_reaches_the_exchange(demo: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Is feedback generated for each student, and released?"""
    _, folder, _ = demo
    pages = list((folder / "course" / "feedback").glob("*/define_by_run/define_by_run.html"))
    released = list((folder / "course" / "exchange").glob("*/feedback/*.html"))
    assert len(pages) == len(released) == 6


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """Is a folder that is not an earlier demo refused, and kept?"""
    (tmp_path / "thesis.txt").write_text("do not delete")
    with pytest.raises(BadInput, match="not an earlier demo"):
        run_demo("define_by_run", tmp_path)
    assert (tmp_path / "thesis.txt").exists()
    assert not (tmp_path / MARK).exists()


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, DemoResult], Path, str]:
    """A sprint with written answers, which the demo's instructor reads."""
    folder = tmp_path_factory.mktemp("survey")
    printed = io.StringIO()
    results = run_demo("framework_survey", folder, Console(file=printed, width=140))
    return {result.student.id: result for result in results}, folder, printed.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "by_tests", "by_hand"),
    [("aiko", 29, 9), ("bela", 29, 9), ("chen", 24.5, 5), ("dina", 27, 1), ("emil", 0, 0), ("fritz", 0, 0)],
)
def test_points_given_by_hand_are_added_to_those_of_the_tests(
    survey: tuple[dict[str, DemoResult], Path, str], student: str, by_tests: float, by_hand: float
) -> None:
    """Does the gradebook have both, and the table each and their sum?"""
    results, folder, printed = survey
    result = results[student]
    assert (result.total - result.by_hand, result.by_hand) == (by_tests, by_hand)
    line = next(line for line in printed.splitlines() if student in line)
    assert [cell.strip() for cell in line.split("│")][-5:-2] == [
        f"{n:g}" for n in (by_tests, by_hand, by_tests + by_hand)
    ]
    with gradebook(folder.resolve()) as book:
        assert not book.find_submission("framework_survey", student).needs_manual_grade


@pytest.mark.slow
def test_a_student_reads_what_the_instructor_says(survey: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Is a comment on a written answer in the feedback?"""
    _, folder, _ = survey
    page = folder / "course" / "feedback" / "dina" / "framework_survey" / "framework_survey.html"
    assert "True of everything." in page.read_text()


@pytest.mark.slow
def test_the_class_goes_on_with_the_next_sprint(survey: tuple[dict[str, DemoResult], Path, str]) -> None:
    """Does a second sprint in the same folder leave the first one's grades?"""
    _, folder, _ = survey
    run_demo("define_by_run", folder, Console(file=io.StringIO(), width=120), goes_on=True)
    with gradebook(folder.resolve()) as book:
        totals = {s.name: s.score for s in book.student_submissions("chen")}
    assert totals == {"framework_survey": 29.5, "define_by_run": 31}
