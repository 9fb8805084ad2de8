"""The pages in a real Chromium: nothing runs or loads, nothing is wider than the screen, and axe-core finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.anonymous import anonymous
from autograder.reports.class_report.course import course_page, course_report, index_page
from autograder.reports.class_report.page import sprint_page
from autograder.reports.class_report.words import LANGUAGES
from tests.reports.class_report.test_page import EVIL, rich_class
from tests.support.browsers import Seen, browser, click_everything, needs_browser
from tests.support.class_data import by_scores

pytestmark = [needs_browser, pytest.mark.slow]
ATTACK = f"{EVIL}<script>console.log('RAN')</script><img src=http://elsewhere.example onerror=console.log('RAN')>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every kind of page in both languages, with hostile text wherever a student can write."""
    folder = tmp_path_factory.mktemp("pages")
    rich, empty = analyse(rich_class(ATTACK)), analyse(by_scores([], [1.0]))
    many = analyse(by_scores([[n % 2, (n // 2) % 2, n % 3 / 2] for n in range(60)]))
    for language in LANGUAGES:
        texts = {
            "rich": sprint_page(rich, language, "index.html"),
            "empty": sprint_page(empty, language),
            "many": sprint_page(many, language),
            "shared": sprint_page(anonymous(many), language),
            "course": course_page(course_report([rich, many], [ATTACK]), language, {"tiny": "rich.en.html"}),
            "index": index_page([(ATTACK, "rich.en.html")], language),
        }
        for name, text in texts.items():
            (folder / f"{name}.{language}.html").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.html"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[tuple[Any, Seen]]:
    with browser() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_every_page_can_be_read_by_everybody(
    pages: list[Path], chromium: tuple[Any, Seen], width: int, scheme: str
) -> None:
    """axe-core, the width, and the keyboard, with everything opened."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    tab = chromium[0].new_page()
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    for path in pages:
        tab.goto(path.as_uri())
        wider = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, path.name
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.tagName") == "A", path.name
        tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = axe.run(tab).response
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], path.name
        assert len(found["passes"]) > 10
    tab.close()


def test_nothing_of_a_students_runs_and_nothing_is_loaded(pages: list[Path], chromium: tuple[Any, Seen]) -> None:
    """Whatever is clicked on that could act."""
    context, seen = chromium
    seen.asked.clear()
    for path in pages:
        if path.name in ("rich.en.html", "course.ja.html"):
            assert click_everything(context, path.as_uri(), "article, h2, summary, td.text, svg, bdi, pre") > 10
    assert seen.ran == []
    assert {address for address in seen.asked if not address.startswith("file:")} == set()


def test_a_picture_is_drawn_where_the_numbers_say(pages: list[Path], chromium: tuple[Any, Seen]) -> None:
    """The bars of a class of sixty are as high as the table beside them says."""
    tab = chromium[0].new_page()
    tab.goto(next(path for path in pages if path.name == "many.en.html").as_uri())
    heights = tab.evaluate(
        "[...document.querySelectorAll('.histogram .rect')].map(r => r.getBoundingClientRect().height)"
    )
    rows = tab.evaluate(
        "[...document.querySelectorAll('.beside table:last-child tbody td')].map(d => parseInt(d.innerText))"
    )
    assert len(heights) == len(rows) == 10
    tallest, most = max(heights), max(rows)
    assert [round(height / tallest, 2) for height in heights] == [round(row / most, 2) for row in rows]
    tab.close()
