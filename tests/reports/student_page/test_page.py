"""Does the top of a page say what it comes to, what to do first, and what is still open; and is all of it harmless?"""

from __future__ import annotations

import itertools
import re
import tomllib

import pytest
from bs4 import BeautifulSoup, Tag

from autograder.grading.causes import Cause
from autograder.grading.shown import ShownExample
from autograder.reports.student_page.page import Lateness, Top, render_top
from autograder.reports.student_page.words import FOLDER
from tests.support.tops_made import NOTEBOOK, WHERE, cells, result, results, top

HOSTILE = "<script>alert(1)</script></pre>`<img src=x onerror=alert(1)>` \x1b[31m\u202e{{ 7 * 7 }} &amp;"
CALLED = "What was called:\n    double(2)"


def soup(made: Top) -> BeautifulSoup:
    return BeautifulSoup(render_top(made), "html.parser")


def words_of(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def first(made: Top) -> str:
    return words_of(soup(made).select_one("section.first"))


def test_the_cause_comes_before_a_property() -> None:
    cause = Cause.of("raised", cell=1, task="double", line=2, answer="solve_double", error="IndentationError: no")
    lost = [result("double", "skipped", f"{cause.message}\nown", title=f"t{n}") for n in range(2)]
    page = soup(top(cells(0, 0), results(lost, [result("half", "failed", "half(2) must be 1")], cause)))
    said = words_of(page.select_one("section.first"))
    assert "IndentationError: no" in said
    assert "2 hidden tests were skipped because of it." in said
    assert "half(2)" not in said
    assert words_of(page.select_one("section.first .named")) == "2 return x / 0"
    assert [link["href"] for link in page.select("section.first a")] == ["#cell-1", "#task-1"]


def test_other_causes_are_behind_a_fold() -> None:
    causes = [Cause.of("unanswered", cell=number, task=task) for number, task in ((1, "double"), (3, "half"))]
    lost = [[result(task, "skipped", cause.message)] for task, cause in zip(("double", "half"), causes, strict=True)]
    page = soup(top(cells(0, 0), results(*lost, *causes)))
    assert words_of(page.select_one("section.first summary")) == "1 more cause"


def test_without_a_cause_the_first_hidden_property_that_fails() -> None:
    example = ShownExample("double(2)", "4", "1", right=False)
    message = f"double must double\n{example.text}\n{CALLED}\n{WHERE}\nHint: add `x` to `x`."
    wrong = result("double", "failed", message, example=example)
    public = result("double", "failed", "AssertionError", title="The public check", worth=0)
    said = first(top(cells(1), results([public, result("double", title="fine"), wrong])))
    for part in ("double works", "double must double", "Cell 1, line 2, in double", "add x to x", "expected 4"):
        assert part in said
    assert "AssertionError" not in said


def test_a_public_check_is_named_when_nothing_else_failed() -> None:
    public = result("double", "failed", "AssertionError: look", title="The public check", worth=0)
    assert "The public check" in first(top(cells(1), results([public, result("double")])))


def test_a_cause_whose_points_a_person_gave_is_no_step() -> None:
    cause = Cause.of("unanswered", cell=3, task="half")
    ended = results([result("double", worth=2)], [result("half", "skipped", cause.message)], cause)
    made = top(cells(decided=True), ended)
    assert "Everything passed" in first(made)
    assert "the tests found 0 of 1" in words_of(soup(made).select_one("#task-2"))


def test_a_cell_that_raised_and_cost_nothing_is_no_step() -> None:
    cause = Cause.of("raised", cell=4, line=1, error="ZeroDivisionError")
    assert "Everything passed" in first(top(cells(), results([result("double", worth=2)], None, cause)))


def test_a_cell_that_raised_and_cost_nothing_comes_after_what_did() -> None:
    cause = Cause.of("raised", cell=5, line=1, error="ZeroDivisionError")
    page = soup(top(cells(1), results([result("double", "failed", "double must double")], None, cause)))
    assert words_of(page.select_one("section.first .cause")) == "double works"
    assert words_of(page.select_one("section.first summary")) == "1 more cause"
    assert "ZeroDivisionError" in words_of(page.select_one("section.first details"))


def test_points_that_a_person_took_off_are_named() -> None:
    made = top(cells(half=0.5, decided=True), results([result("double", worth=2)]))
    assert "Task 2: half Points were given by a person." in first(made)


def test_all_passed_is_folded_and_says_so() -> None:
    page = soup(top(cells(), results([result("double", worth=2)])))
    assert "Everything passed. Nothing is left to do." in words_of(page.select_one("section.first"))
    assert [fold.has_attr("open") for fold in page.select("details.task")] == [False, False]


@pytest.mark.parametrize(
    ("outcome", "words"), [("pending", "such as a GPU"), ("broken", "the fault is ours, and your instructor sees it")]
)
def test_what_waits_is_named_at_the_top(outcome: str, words: str) -> None:
    ended = results([result("double", worth=2)], [result("half", outcome, "secret grader text")])
    page = soup(top(cells(2, 0, waits=True), ended))
    assert words in words_of(page.select_one("section.open"))
    assert "Task 2: half" in words_of(page.select_one("section.open"))
    assert "1 points are still open" in words_of(page.select_one("header"))
    assert "Nothing is left to do: every point" in words_of(page.select_one("section.first"))
    assert ("secret" in page.get_text()) == (outcome == "pending")


def test_an_answer_that_a_person_reads_waits_and_then_has_its_comment() -> None:
    ended = results([result("double", worth=2)])
    assert "a person still reads this" in words_of(soup(top(cells(essay=0), ended)).select_one("section.open"))
    page = soup(top(cells(essay=3, comment="Well argued.\n\nBut short.", decided=True), ended))
    assert page.select_one("section.open") is None
    assert "Comment: Well argued. But short." in words_of(page.select_one("#task-3"))
    assert "Read what was said about this answer." in words_of(page.select_one("section.first"))


def test_points_are_the_gradebooks_with_the_penalty() -> None:
    late = Lateness("2026-01-03 12:00 UTC", "2026-01-01 12:00 UTC", "Handed in 2 days late.", "The rule.", late=True)
    header = words_of(soup(top(cells(), None, late, 0.6)).select_one("header"))
    for part in ("2.4 of 3 points", "3 points earned, 0.6 taken off", "Handed in 2 days late.", "The rule."):
        assert part in header


def test_without_results_the_tasks_are_there_with_their_points() -> None:
    page = soup(top(cells(1), None))
    assert [words_of(row) for row in page.select("table tbody tr")] == [
        "Task 1: double 1 / 2 ✗ points lost",
        "Task 2: half 1 / 1 ✓ full points",
    ]
    assert "See what the check in the cell says." in words_of(page.select_one("section.first"))
    assert [link["href"] for link in page.select("section.first a, #task-1 a")] == ["#cell-2", "#cell-2"]


def test_the_transcript_is_folded_and_the_lines_are_numbered() -> None:
    page = soup(top(cells(0), results([result("double", "error", f"it raised\n{CALLED}\n{WHERE}")])))
    fold = page.select_one("#task-1 details.called")
    assert fold is not None
    assert not fold.has_attr("open")
    assert "double(2)" in words_of(fold)
    assert "Cell 1, line 2, in double" in words_of(page.select_one("#task-1 figure"))
    assert page.select_one('#task-1 li a[href="#cell-1"]') is not None


def test_every_link_leads_somewhere_and_headings_are_in_order() -> None:
    page = soup(top(cells(0, 0, 0), results([result("double", "error", WHERE)], [result("half", "failed", "no")])))
    there = {str(tag["id"]) for tag in page.select("[id]")} | {f"cell-{n}" for n in range(len(NOTEBOOK.cells))}
    assert {str(link["href"])[1:] for link in page.select("a")} <= there
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


@pytest.mark.parametrize("place", ["message", "title", "hint", "called", "example", "cause", "name", "comment"])
def test_hostile_text_is_text(place: str) -> None:
    """Wherever a student's text, or one of a person's, stands."""
    texts = {"message": HOSTILE, "hint": f"no\nHint: {HOSTILE}", "called": f"no\nWhat was called:\n    {HOSTILE}"}
    causes = [Cause(HOSTILE, cell=1, task="double")] if place == "cause" else []
    example = ShownExample(HOSTILE, HOSTILE, HOSTILE, right=True) if place == "example" else None
    title = HOSTILE if place == "title" else ""
    wrong = result("double", "failed", texts.get(place, "no"), title=title, example=example)
    about = {"comment": HOSTILE} if place == "comment" else {"title": HOSTILE} if place == "name" else {}
    html = render_top(top(cells(0, **about), results([wrong], None, *causes)))
    page = BeautifulSoup(html, "html.parser")
    assert "alert(1)" in page.get_text()
    assert not {tag.name for tag in page.find_all()} & {"script", "img", "iframe", "style"}
    assert not set("\x1b\u202e") & set(html)
    assert "49" not in html


def test_a_page_in_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_LANGUAGE", "ja")
    text = soup(top(cells(1, essay=0), results([result("double", "failed", "no")]))).get_text()
    for part in ("のフィードバック", "まず取り組むこと", "失点あり", "採点者がこれから読みます", "不合格"):
        assert part in text
    for part in ("points", "What to do"):
        assert part not in text


def test_both_languages_say_the_same_things() -> None:
    said = [tomllib.loads((FOLDER / f"words.{language}.toml").read_text("utf-8")) for language in ("en", "ja")]
    assert said[0].keys() == said[1].keys()
    for key, english in said[0].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", said[1][key])), key
