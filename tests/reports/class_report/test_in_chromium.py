"""The pages in a real Chromium: nothing runs or loads, nothing is wider than the screen, and axe-core finds nothing.

Needs Chromium, node, and a folder with two packages of npm's; without them the test is skipped::

    npm install --prefix FOLDER playwright-core axe-core
    AXE_FOLDER=FOLDER pytest -m slow tests/reports/class_report/test_in_chromium.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.anonymous import anonymous
from autograder.reports.class_report.course import course_page, course_report, index_page
from autograder.reports.class_report.page import sprint_page
from autograder.reports.class_report.words import LANGUAGES
from tests.reports.class_report.test_page import EVIL, rich_class
from tests.support.class_data import by_scores
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a browser says of every page: wide and narrow, light and dark."""
    axe = os.environ.get("AXE_FOLDER", "")
    lacking = {"Chromium": CHROMIUM, "node": shutil.which("node"), "AXE_FOLDER": axe}
    if not all(lacking.values()):
        pytest.skip(f"not here: {', '.join(name for name, there in lacking.items() if not there)}")
    folder = tmp_path_factory.mktemp("pages")
    many = by_scores([[n % 2, (n // 2) % 2, n % 3 / 2] for n in range(60)])
    for language in LANGUAGES:
        rich, empty = analyse(rich_class(EVIL)), analyse(by_scores([], [1.0]))
        pages = {
            "rich": sprint_page(rich, language, "index.html"),
            "empty": sprint_page(empty, language),
            "many": sprint_page(analyse(many), language),
            "shared": sprint_page(anonymous(analyse(many)), language),
            "course": course_page(course_report([rich, analyse(many)], [EVIL]), language, {"tiny": "tiny.html"}),
            "index": index_page([(EVIL, "tiny.html")], language),
        }
        for name, text in pages.items():
            (folder / f"{name}.{language}.html").write_text(text, encoding="utf-8")
    script = ROOT / "tests" / "support" / "axe.mjs"
    command = ["node", str(script), str(Path(axe).resolve()), str(CHROMIUM), *map(str, sorted(folder.glob("*.html")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) == 12 * 4
    return found


def test_axe_finds_nothing(looked_at: list[dict[str, Any]]) -> None:
    assert [(one["page"], one["width"], one["violations"]) for one in looked_at if one["violations"]] == []
    assert min(one["passes"] for one in looked_at) > 10


def test_nothing_of_a_student_runs_and_nothing_is_loaded(looked_at: list[dict[str, Any]]) -> None:
    """axe itself needs the page's policy set aside, so what is left is that the page has no script."""
    assert {(one["page"], *one["said"], *one["asked"]) for one in looked_at if one["said"] or one["asked"]} == set()


def test_no_page_is_wider_than_the_screen(looked_at: list[dict[str, Any]]) -> None:
    """Tables scroll by themselves."""
    assert {one["page"] for one in looked_at if one["wider"] > 0} == set()


def test_the_keyboard_reaches_the_links(looked_at: list[dict[str, Any]]) -> None:
    assert all(one["reached"][0] == "A" for one in looked_at)
