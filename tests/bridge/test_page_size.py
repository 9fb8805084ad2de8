"""Is no page larger than it may be, and is the work that goes into one bounded, whatever a student hands in?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import nbformat
import pytest
from bs4.builder._htmlparser import BeautifulSoupHTMLParser
from nbconvert.filters import strip_files_prefix as stock_strip
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.bridge import pages
from autograder.bridge.page_room import MAX_TAGS, PAGE, WORK
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, TestResult
from autograder.reports.html import render, score_output
from tests.support.pages_made import page
from tests.support.worst_pages import CELLS, PNG, filled, notebook_of, picture, with_output, worst_notebooks

SOME = ("code_entities", "terminal_codes", "html_lines", "text_latex_space", "image_png")


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many characters each library is given."""
    given: Counter[str] = Counter()

    def counted(kind: str, function: Any, place: int = 0) -> Any:
        def call(*arguments: Any, **settings: Any) -> Any:
            given[kind] += len(arguments[place])
            return function(*arguments, **settings)

        return call

    monkeypatch.setattr(pages, "coloured", counted("code", pages.coloured))
    monkeypatch.setattr(pages, "stock_ansi2html", counted("terminal", pages.stock_ansi2html))
    monkeypatch.setattr(pages, "clean_markup", counted("html", pages.clean_markup))
    monkeypatch.setattr(MarkdownWithMath, "render", counted("markdown", MarkdownWithMath.render, 1))
    return given


def held(nb: NotebookNode, template: str, worked: Counter[str]) -> None:
    html = page(nb, template)
    assert len(html.encode()) <= PAGE
    assert html.count("<") <= MAX_TAGS + 20 * len(nb.cells) + 10_000
    for kind, (_, most) in WORK.items():
        assert worked[kind] <= most


@pytest.mark.parametrize("name", SOME)
def test_a_page_is_no_larger_than_it_may_be(name: str, worked: Counter[str]) -> None:
    held(notebook_of(dict(worst_notebooks())[name]), "feedback", worked)


@pytest.mark.slow
@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_none_of_the_worst_pages_is(template: str, worked: Counter[str]) -> None:
    for _, cells in worst_notebooks():
        worked.clear()
        held(notebook_of(cells), template, worked)


def test_an_honest_page_has_all_its_markup() -> None:
    cells = [
        new_markdown_cell("# Title\n\n$x^2$ and **bold**"),
        new_code_cell("import numpy as np\n" * 100, outputs=[new_output("stream", text="\x1b[31mred\x1b[0m < 1")]),
        with_output("text/html", "<table><tr><td>1</td></tr></table>" * 20),
        with_output("image/png", picture(100_000)),
    ]
    html = page(notebook_of(cells * 4))
    for part in ("<strong>bold</strong>", "<msup>", '<span class="kn">import</span>', 'class="ansi-red-fg">red</span>'):
        assert html.count(part) >= 4
    assert html.count("<td>1</td>") == 80
    assert html.count('src="data:image/png;base64,') == 4
    assert "left out" not in html
    assert "shown as plain text" not in html


def test_a_short_text_is_there_beside_the_longest() -> None:
    """And the reader is told what is not, in both languages."""
    long = [new_code_cell("#" * 4_900, outputs=[new_output("stream", text="&" * 1_000_000)]) for _ in range(4)]
    short = [new_markdown_cell(f"answer-{number}") for number in range(900)]
    html = page(notebook_of(long + short))
    assert len(html.encode()) <= PAGE
    assert not [number for number in range(900) if f"answer-{number}<" not in html]
    assert html.count("characters / ") == 4
    assert html.count(" 文字を省略しました") == 4


def test_what_is_left_out_is_counted() -> None:
    html = page(notebook_of([new_code_cell("1", outputs=[new_output("stream", text="&" * 1_000_000)])] * 1))
    shown = html.count("&amp;")
    assert f"[left out: {1_000_000 - shown:,} characters" in html


def test_pictures_that_do_not_fit_are_lines() -> None:
    html = page(notebook_of([with_output("image/png", picture(1_000_000)) for _ in range(6)]))
    assert html.count('src="data:image/png;base64,') == 3
    assert html.count("[left out: a picture of 1.0 MB / 1.0 MB の画像を省略しました]") == 3


def test_results_and_comments_are_whole_beside_the_worst() -> None:
    tests = [TestResult(f"t{n}", f"title-{n}", Outcome.FAILED, 0, 1, "<&'" * 1_300 + f"end-{n}") for n in range(12)]
    graded = {"grade": True, "solution": False, "grade_id": "g", "points": 12, "score": 0, "locked": True}
    answer = {"grade": False, "solution": True, "grade_id": "a", "comment": "well done, " * 1_000 + "the end"}
    cells = [new_code_cell("&" * 4_000, outputs=[new_output("stream", text="&" * 1_000_000)]) for _ in range(4)]
    cells.append(new_code_cell("x", metadata={"nbgrader": answer}))
    for _ in range(5):
        cells.append(new_code_cell("pass", metadata={"nbgrader": graded}))
        cells[-1].outputs = [score_output(CellResult("g", 12, tests))]
    html = page(notebook_of(cells))
    assert len(html.encode()) <= PAGE
    assert "the end" in html
    for number in range(12):
        assert html.count(f"end-{number}<") == 5


@pytest.mark.parametrize(
    "html",
    [
        "<script>",
        "</div></div>",
        "<p><b></p></b>",
        "<p style=x>",
        "<pre>",
    ],
)
def test_what_only_looks_like_results_is_cleaned(html: str) -> None:
    """Student code in a grade cell without hidden tests could show anything."""
    score = render(CellResult("g", 1, [TestResult("t", "t", Outcome.PASSED, 1, 1, "")]))
    cell = new_code_cell("x", metadata={"nbgrader": {"grade": True, "grade_id": "g", "points": 1, "score": 0}})
    cell.outputs = [new_output("execute_result", {"text/html": score.replace("</ul></div>", f"{html}</ul></div>")})]
    assert '<div style="contain:content;overflow:auto">' in page(notebook_of([cell]))


@pytest.mark.parametrize(
    "data",
    [
        {"application/vnd.jupyter.widget-view+json": 5, "text/plain": "kept"},
        {"application/json": [[]], "text/plain": "kept"},
        {"image/png": "<>&", "text/plain": "kept"},
        {"application/javascript": "x", "text/plain": "kept"},
        {"text/latex": "kept"},
    ],
)
def test_an_output_is_shown_in_the_best_form_that_can_be(data: dict[str, Any]) -> None:
    cell = new_code_cell(
        "x", outputs=[nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})]
    )
    assert "kept" in page(notebook_of([cell]))


def test_numbers_in_a_page_are_short() -> None:
    sizes = {"image/png": {"width": 10**4000, "height": 5}}
    cell = with_output("image/png", PNG)
    cell["outputs"][0]["metadata"] = sizes
    cell["execution_count"] = 10**4000
    html = page(notebook_of([cell]))
    assert "0" * 1_000 not in html
    assert 'height="5"' in html


@pytest.mark.parametrize("many", [100, 200, 400])
def test_nothing_is_looked_for_among_what_is_closed(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """BeautifulSoup keeps a list of elements such as "<br>", and searches it at the end of each element."""
    searched = [0]
    stock = BeautifulSoupHTMLParser.handle_endtag

    def handle_endtag(self: Any, *arguments: Any, **more: Any) -> None:
        searched[0] = max(searched[0], len(self.already_closed_empty_element))
        stock(self, *arguments, **more)

    monkeypatch.setattr(BeautifulSoupHTMLParser, "handle_endtag", handle_endtag)
    html = filled("<br>", 4 * many) + filled("<b>x</b>", 8 * many) + filled("<img src=a.png>", 15 * many)
    assert page(notebook_of([with_output("text/html", html)])).count("<br/>") >= many
    assert searched[0] < 20


@pytest.mark.parametrize("size", [2_000, 4_000, 8_000])
@pytest.mark.parametrize("part", ["[", "$", "# a\n", "x\n", "'a", "- a\n", "<b>"])
def test_a_page_grows_at_most_in_proportion(part: str, size: int) -> None:
    def grown(most: int) -> int:
        cells = [new_markdown_cell(filled(part, most)), new_code_cell(filled(part, most))]
        return len(page(notebook_of(cells)).encode()) - len(page(notebook_of([])).encode())

    assert grown(2 * size) <= 2 * grown(size) + 1_000


def test_the_prefix_of_files_is_gone() -> None:
    assert pages.strip_files_prefix('<a href="files/x">[') == stock_strip('<a href="files/x">[') == '<a href="x">['
    assert len(pages.strip_files_prefix("[" * 1_000_000)) == 1_000_000


def test_as_many_cells_as_may_be_are_shown() -> None:
    html = page(notebook_of([new_code_cell(f"cell_{number}") for number in range(CELLS)]))
    assert not [number for number in range(CELLS) if f"cell_{number}<" not in html]
