"""Does feedback say what is needed, and can nothing in it hurt its reader?"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from autograder.grading.results import CellResult, TestResult
from autograder.reports.html import few_lines, render, score_output


def cell(outcome="failed", message="", title="A node used twice", points=0.0) -> CellResult:
    """A cell worth 2 points with one test."""
    return CellResult("double", 2.0, [TestResult("test_double.py::test_a", title, outcome, points, 2.0, message)])


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("href", "src")]

    def handle_data(self, data):
        self.text += data


def test_title_outcome_points_and_message_are_shown():
    page = Page(render(cell(message="x.grad is 1\nHint: add to .grad")))
    for part in ("0 of 2 points", "A node used twice", "failed", "x.grad is 1", "Hint: add to .grad"):
        assert part in page.text


def test_the_name_of_the_hidden_test_is_not_shown():
    assert "test_double" not in render(cell(message="wrong"))


@pytest.mark.parametrize("points", [0.0, 1.5, 0.1 + 0.2, 2.0])
def test_nbgrader_reads_the_exact_points(points):
    """Is text/plain the number itself?"""
    output = score_output(cell("passed", points=points))
    assert output.output_type == "execute_result"
    assert float(output.data["text/plain"]) == points


@pytest.mark.parametrize(
    ("outcome", "says"), [("pending", "waits for a machine"), ("broken", "The fault is not yours")]
)
def test_what_is_not_final_says_so(outcome, says):
    html = render(cell(outcome))
    assert says in html
    assert "Not final" in html


def test_a_cell_without_results_is_broken():
    assert "Not final" in render(CellResult("double", 2.0))


def test_what_a_broken_test_says_stays_hidden():
    """Could a grader's own fault show its source?"""
    assert "secret" not in render(cell("broken", message="NameError: secret at /graders/test_double.py"))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "</pre><img src=x onerror=alert(1)>",
        '"><a href="javascript:alert(1)">x</a>',
        "\x1b]8;;http://evil\x07click\x1b]8;;\x07 \x1b[2J\x1b[31mred",
        "a\u202ecod.exe\u2066 \u200b\ufeff",
        "\x00\x08\x7f\x9b31m",
        "\ud800",
    ],
)
@pytest.mark.parametrize("place", ["message", "title"])
def test_hostile_text_is_text(hostile, place):
    """Is markup shown as text, and is what acts on a terminal or reorders text gone?"""
    html = render(cell(**{place: hostile}))
    page = Page(html)
    assert set(page.tags) <= {"div", "p", "b", "ul", "li", "i", "pre"}
    assert not set("\x1b\x00\x08\x7f\x9b\u202e\u2066\u200b\ufeff") & set(html)
    html.encode()


def test_formulas_are_not_typeset():
    r"""Would MathJax turn $\href{javascript:…}{…}$ into a link?"""
    assert "mathjax_ignore" in render(cell())
    assert "tex2jax_ignore" in render(cell())


@pytest.mark.parametrize("text", ["x" * 10_000_000, "line\n" * 1_000_000, "\x1b[31m" * 1_000_000, "\t" * 100_000])
def test_feedback_is_bounded(text):
    html = render(cell(message=text))
    assert len(html) < 20_000
    assert html.count("\n") < 100


def test_what_is_cut_says_so():
    """Can a student tell that there was more?"""
    assert few_lines("a\nb\nc", 2) == "a\nb\n…"
    assert few_lines("a\nb", 2) == "a\nb"
