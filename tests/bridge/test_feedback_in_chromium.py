"""The page of feedback in a real Chromium, made by nbgrader's own commands: what a student sees first, and can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.support.browsers import Seen, browser, needs_browser
from tests.support.builders import code, nbgrader, text
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, TIME, answer, command, make_course, python
from tests.support.jails import needs_sandbox
from tests.support.worst_pages import PNG

pytestmark = [needs_sandbox, needs_browser, pytest.mark.slow]
LANGUAGES = ("en", "ja")
WIDTHS = (1200, 400)
LATE = "2026-02-04 10:00:00 UTC"
RAISES = "def double(x):\n    return x + x\n\n\ndef half(x):\n    y = x / 2\n    return y.real.nothing"
WIDE = f"""A table | with | {" | ".join(f"column {n}" for n in range(12))}
--- | --- | {" | ".join(["---"] * 12)}
1 | 2 | {" | ".join(["1234567890"] * 12)}

$$ {" + ".join(f"x_{{{n}}}^2" for n in range(40))} = 1 $$

![a picture](data:image/png;base64,{PNG}) `{"long_" * 60}` {"x" * 400} https://numpy.org/{"y" * 300}
"""
PRINTS = f"print('{'-' * 300}')\n# {'z' * 300}\nprint('\\x1b[33myellow\\x1b[0m \\x1b[32mgreen\\x1b[0m')\n1 / 0"
STUDENTS: dict[str, dict[str, str]] = {
    "right": ANSWERS,
    "syntax": {**ANSWERS, "solve_double": "def double(x):\nreturn x"},
    "wrong": {**ANSWERS, "solve_double": "def double(x): return x and x + x + 1"},
    "raises": {**ANSWERS, "solve_half": RAISES},
    "late": ANSWERS,
    "unread": ANSWERS,
}
FIRST = {
    "right": {"en": "Everything passed.", "ja": "すべて合格です。"},
    "syntax": {"en": "2 hidden tests were skipped", "ja": "非公開テスト 2 件を省略しました"},
    "wrong": {"en": "Twice a number is the number added to itself.", "ja": "Twice a number is"},
    "raises": {"en": "cell 5 (task half), line 7: AttributeError", "ja": "セル 5（課題 half）、7 行目: AttributeError"},
    "late": {"en": "Nothing is left to do", "ja": "今できることはありません"},
    "unread": {"en": "Nothing is left to do", "ja": "今できることはありません"},
}
WAITS = {"en": ("a person still reads this", "such as a GPU"), "ja": ("採点者がこれから読みます", "GPU など")}
LATENESS = {"en": "1 day 12 hours after the due date", "ja": "締め切りから 1 日 12 時間 遅れて"}


def source(root: Path) -> None:
    """The course's notebook with two tasks, one that needs a GPU, and one that a person reads."""
    path = root / "source" / SLUG / NOTEBOOK
    nb = nbformat.read(path, as_version=4)
    nb.cells = [cell for cell in nb.cells if cell.id != "id-faulty"]
    (root / "graders" / SLUG / "test_faulty.py").unlink()
    titles = {"solve_double": "## Task 1: `double`", "solve_half": "## Task 2: half", "on_gpu": "## Task 3: on a GPU"}
    for name, title in titles.items():
        place = next(n for n, cell in enumerate(nb.cells) if cell.id == f"id-{name}")
        nb.cells.insert(place, text(title, f"title-{name}"))
    written = nbgrader("essay", grade=True, solution=True, points=4, cell_type="markdown")
    nb.cells += [text("## Task 4: say why", "title-essay"), text("Write here.", "essay", **written)]
    nbformat.write(nb, path)


def hand_in(root: Path, student: str, answers: dict[str, str]) -> None:
    released: NotebookNode = nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4)
    nb = answer(released, **answers, essay="Because.")
    nb.cells[4:4] = [text(WIDE, "wide"), code(PRINTS, "prints")]
    folder = root / "course" / "submitted" / student / SLUG
    folder.mkdir(parents=True)
    nbformat.write(nb, folder / NOTEBOOK)
    (folder / "timestamp.txt").write_text(LATE if student == "late" else TIME)


@pytest.fixture(scope="module", params=LANGUAGES)
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Path]]:
    """A language, and the pages of a class by student."""
    root = tmp_path_factory.mktemp(request.param)
    make_course(root)
    source(root)
    config = root / "nbgrader_config.py"
    config.write_text(
        f"import os\nos.environ['COURSE_LANGUAGE'] = '{request.param}'\n{config.read_text()}"
        "c.LatePolicy.penalty_per_day = 10\n"
    )
    command(root, "generate_assignment", SLUG)
    python(root, "-c", "from autograder.cli import main; main()", "due", SLUG, "2026-02-02 22:00 UTC")
    for student, answers in STUDENTS.items():
        hand_in(root, student, answers)
    command(root, "autograde", SLUG)
    with Gradebook(f"sqlite:///{root}/course/gradebook.db") as book:
        for name, points in (("essay", 4), ("on_gpu", 1)):
            grade = book.find_grade(name, SLUG, SLUG, "right")
            grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()
    command(root, "generate_feedback", SLUG)
    made = {student: root / "course" / "feedback" / student / SLUG / f"{SLUG}.html" for student in STUDENTS}
    return request.param, made


@pytest.fixture(scope="module")
def chromium() -> Iterator[tuple[Any, Seen]]:
    with browser() as opened:
        yield opened


@pytest.fixture
def tab(chromium: tuple[Any, Seen]) -> Iterator[Any]:
    page = chromium[0].new_page()
    yield page
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_read_by_everybody(pages: tuple[str, dict[str, Path]], tab: Any, width: int) -> None:
    """axe-core, the width, and the keyboard; as it comes, and with everything opened."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    tab.set_viewport_size({"width": width, "height": 900})
    for student, path in pages[1].items():
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.lang") == pages[0]
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.tagName") in ("A", "SUMMARY"), student
        for opened in (False, True):
            if opened:
                tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            wider = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, student
            found = axe.run(tab).response
            assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], student
            assert len(found["passes"]) > 10


@pytest.mark.parametrize("width", WIDTHS)
def test_what_to_do_first_is_seen_without_scrolling(pages: tuple[str, dict[str, Path]], tab: Any, width: int) -> None:
    language, made = pages
    tab.set_viewport_size({"width": width, "height": 900})
    for student, path in made.items():
        tab.goto(path.as_uri())
        first = tab.locator("section.first")
        assert FIRST[student][language] in first.inner_text(), student
        assert first.locator("p.cause").bounding_box()["y"] < 700, student


def test_tasks_are_open_where_points_are_missing(pages: tuple[str, dict[str, Path]], tab: Any) -> None:
    expected = {"right": [], "syntax": [1, 4, 5], "wrong": [1, 4, 5], "raises": [2, 4, 5], "unread": [4, 5]}
    for student, numbers in expected.items():
        tab.goto(pages[1][student].as_uri())
        found = tab.evaluate("[...document.querySelectorAll('details.task[open]')].map(one => one.id)")
        assert found == [f"task-{number}" for number in numbers], student


def test_what_waits_and_what_was_late_is_at_the_top(pages: tuple[str, dict[str, Path]], tab: Any) -> None:
    language, made = pages
    tab.goto(made["unread"].as_uri())
    for words in WAITS[language]:
        assert words in tab.locator("section.open").inner_text()
    assert LATENESS[language] not in tab.locator("header").inner_text()
    tab.goto(made["late"].as_uri())
    assert LATENESS[language] in tab.locator("header").inner_text()
    assert tab.locator(".total").inner_text().count("3.2") == 1  # 4 points earned, two days begun
    tab.goto(made["right"].as_uri())
    assert tab.locator("section.open").count() == 0


def test_from_the_cause_to_the_cell_and_back_to_the_tests(pages: tuple[str, dict[str, Path]], tab: Any) -> None:
    """And the lines are the student's, the line named is the one that failed."""
    tab.set_viewport_size({"width": 400, "height": 800})
    tab.goto(pages[1]["syntax"].as_uri())
    assert tab.locator("section.first .named").first.inner_text().split() == ["2", "return", "x"]
    tab.locator("section.first a").first.click()
    target = tab.evaluate("location.hash")
    assert 0 <= tab.locator(target).bounding_box()["y"] < 100
    cell = tab.locator(f".cell:has({target})")
    assert "return x" in cell.inner_text()
    tab.locator(".nbgrader_cell a[href='#task-1']").click()
    assert 0 <= tab.locator("#task-1").bounding_box()["y"] < 100


def test_a_failure_names_the_students_line(pages: tuple[str, dict[str, Path]], tab: Any) -> None:
    tab.goto(pages[1]["raises"].as_uri())
    assert tab.locator("#task-2 .named").first.inner_text().split() == ["7", "return", "y.real.nothing"]


def test_in_print_the_folds_are_open(pages: tuple[str, dict[str, Path]], tab: Any) -> None:
    tab.goto(pages[1]["right"].as_uri())
    test = tab.locator("#task-1 li").last
    assert not test.is_visible()
    tab.emulate_media(media="print")
    assert test.is_visible()
    assert test.bounding_box()["height"] > 10
    assert not tab.locator("#task-1 .links").is_visible()


def test_nothing_is_asked_for_and_nothing_runs(pages: tuple[str, dict[str, Path]], chromium: Any, tab: Any) -> None:
    seen: Seen = chromium[1]
    seen.asked.clear()
    for path in pages[1].values():
        tab.goto(path.as_uri(), wait_until="networkidle")
        assert tab.locator("math").count() >= 1
    assert {one for one in seen.asked if not one.startswith(("file:", "data:"))} == set()
