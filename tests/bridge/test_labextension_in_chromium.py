"""A student's way in JupyterLab: from nbgrader's assignment list to the page of feedback, and to the failed cell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.bridge.lab import EXTENSIONS
from autograder.notebook.cells import grade_id
from tests.support.browsers import browser, needs_browser
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, answer, command, release_plain_course
from tests.support.jails import needs_sandbox
from tests.support.labs import TOKEN, running_lab

pytestmark = [needs_sandbox, needs_browser, pytest.mark.slow]
RAISES = "\n\ndef half(x):\n    y = x / 2\n    return y.real.nothing"
LINE = 5
PAGE = ".jp-HTMLViewer iframe"
BUTTON = "button.in-notebook"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's folder: the assignment was fetched and handed in, and feedback is in the exchange."""
    root = tmp_path_factory.mktemp("course")
    release_plain_course(root)
    command(root, "release_assignment", SLUG)
    desk = tmp_path_factory.mktemp("student")
    command(root, "fetch_assignment", SLUG, cwd=desk)
    notebook = desk / SLUG / NOTEBOOK
    nbformat.write(answer(nbformat.read(notebook, as_version=4), **{**ANSWERS, "solve_half": RAISES}), notebook)
    command(root, "submit", SLUG, cwd=desk)
    for step in ("collect", "autograde", "generate_feedback", "release_feedback"):
        command(root, step, SLUG)
    exchange = root / "course"
    (desk / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'dl-frameworks'\n"
        f"c.Exchange.root = {str(exchange / 'exchange')!r}\nc.Exchange.cache = {str(exchange / 'cache')!r}\n"
    )
    return desk


@pytest.fixture(scope="module")
def lab(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab as on a student's machine, where the wheel would have installed the extension."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "labextensions").symlink_to(EXTENSIONS)
    options = [f"--ServerApp.root_dir={desk}", "--ServerApp.ip=127.0.0.1"]
    if os.geteuid() == 0:
        options.append("--allow-root")
    with running_lab(desk, folder, "jupyterlab", *options, JUPYTER_PATH=str(folder)) as address:
        yield address


@pytest.fixture
def tab(lab: str) -> Iterator[Any]:
    """JupyterLab in a browser, with the assignment list and its feedback opened as a student opens it."""
    with browser() as (context, _):
        page = context.new_page()
        page.goto(f"{lab}lab?reset&token={TOKEN}")
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_text("Assignment List").last.click()
        page.get_by_role("button", name="Fetch Feedback").click()
        page.get_by_text("(view feedback)").click()
        page.wait_for_selector(PAGE)
        yield page


def test_from_the_assignment_list_to_the_line_that_failed(tab: Any) -> None:
    """Without a look at the folder, and without leaving the tab of the browser?"""
    page = tab.frame_locator(PAGE)
    assert page.locator("p.total").inner_text() == "5 of 6 points"
    page.locator("section.first").locator(BUTTON).click()
    tab.wait_for_selector(".jp-Notebook .jp-Cell.jp-mod-active")
    tab.wait_for_selector("text=Mode: Edit")
    active = tab.locator(".jp-Notebook .jp-Cell.jp-mod-active")
    assert "def half(x):" in active.inner_text()
    assert f"Ln {LINE}, Col 1" in tab.locator("#jp-bottom-panel").inner_text()
    assert len(tab.context.pages) == 1


def test_links_of_the_page_stay_in_it_and_open_what_is_folded(tab: Any) -> None:
    """JupyterLab alone loads the page anew from another address at each of them."""
    page = tab.frame_locator(PAGE)
    first = page.locator("nav a").first  # a task that passed: it is folded
    folded = page.locator(f"{first.get_attribute('href')}")
    assert folded.get_attribute("open") is None
    first.click()
    assert folded.get_attribute("open") is not None
    assert tab.frames[-1].url.startswith("blob:")


def test_a_cell_or_a_notebook_that_is_gone_is_said(tab: Any, desk: Path) -> None:
    """Does the student get a line instead of another cell, or of an error?"""
    path = desk / SLUG / NOTEBOOK
    whole = path.read_text()
    buttons = tab.frame_locator(PAGE).locator("section.first").locator(BUTTON)
    try:
        path.unlink()
        buttons.click()
        tab.wait_for_selector(f"text={SLUG}/{NOTEBOOK} was not found")
        nb = nbformat.reads(whole, as_version=4)
        nb.cells = [cell for cell in nb.cells if grade_id(cell) != "solve_half"]
        nbformat.write(nb, path)
        buttons.click()
        tab.wait_for_selector(f"text=This cell is not in {SLUG}/{NOTEBOOK} any more")
    finally:
        path.write_text(whole)
