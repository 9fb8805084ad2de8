"""Is the page one file that loads and runs nothing, is it well-formed, and does it say everything in both languages?"""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from autograder.reports.class_report.analysis import analyse
from autograder.reports.class_report.course import course_page, course_report, index_page
from autograder.reports.class_report.data import ClassData, Remark, Student
from autograder.reports.class_report.page import number, percent, sprint_page
from autograder.reports.class_report.words import LANGUAGES, words
from tests.support.class_data import by_scores, by_tests, chaff

EVIL = "<script>alert(1)</script>\"' onload=x {{ 7*7 }} \x1b[31m\u202eevil"
VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}
TESTS = {"add": ("plus", "minus"), "use": ("once", "twice")}


class Page(HTMLParser):
    """Reads a page, and fails where a tag is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.open else ""


def rich_class(evil: str = "text") -> ClassData:
    """A class in which every part of the page has something to show; ``evil`` stands wherever a student can write."""
    ids = [f"s{n}" for n in range(1, 13)]
    rows = ["PFPP"] * 3 + ["FFPP"] * 3 + ["PPTW", "PPCB", "PPEP"] + ["PPPP"] * 3
    said = {(name, "plus"): evil for name in ids[3:6]} | {(name, "minus"): "m" for name in ids[:6]}
    data = by_tests(
        dict(zip(ids, rows, strict=True)), TESTS, said=said,
        chaffs=[chaff("no_minus", "add/minus", cells=["solve_add"])],
        needs=dict.fromkeys(("disagree", "late", "broken", "pending", "not_handed_in"), ("s1", evil)),
        attempts={"s1": (1.0, 2.0)}, remarks={"no_minus": Remark(f"see {evil}", ("s1", "s99"))},
        absent=(Student("gone", evil),), notes=(f"a note about {evil}",),
    )  # fmt: skip
    data.students = (replace(data.students[0], name=evil, feedback="../f/%3Cb%3E.html"), *data.students[1:])
    return data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_loads_nothing(language: str) -> None:
    text = sprint_page(analyse(rich_class()), language, "index.html")
    page = Page(text)
    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(tag for tag, _ in page.tags)
    assert not re.search(r"https?://|@import|url\(", text)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert dict(page.tags[0][1])["lang"] == language
    csp = [a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert csp[0] is not None
    assert csp[0].startswith("default-src 'none'; style-src 'unsafe-inline'")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_within_the_page_leads_somewhere_and_ids_are_unique(language: str) -> None:
    page = Page(sprint_page(analyse(rich_class()), language))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"])[1:] for tag, a in page.tags if tag == "a" and str(a["href"]).startswith("#")}
    assert targets <= set(ids)
    labels = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert labels <= set(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_students_is_harmless(language: str) -> None:
    """Names, ids and messages are shown as text, without escape sequences and without what turns text around."""
    report = analyse(rich_class(EVIL))
    texts = [sprint_page(report, language), course_page(course_report([report, report], [EVIL]), language, {})]
    for text in texts:
        page = Page(text)
        assert "script" not in {tag for tag, _ in page.tags}
        assert "<script>alert(1)</script>" in page.text
        assert "{{ 7*7 }}" in page.text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not any("onload" in attributes for _, attributes in page.tags)


def test_a_student_called_script() -> None:
    data = by_scores([[1], [0]])
    data.students = (Student("<script>", "</td><script>alert(1)</script>"), data.students[1])
    page = Page(sprint_page(analyse(data), "en"))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_there_in_the_order_of_what_matters(language: str) -> None:
    page = Page(sprint_page(analyse(rich_class()), language))
    headings = [attributes["id"] for tag, attributes in page.tags if tag == "h2"]
    assert headings == [
        "needs", "totals", "tasks", "misconceptions", "messages", "tests", "progress", "talk", "students",
        "definitions",
    ]  # fmt: skip


def test_the_misconception_is_in_the_instructors_words_with_its_comment() -> None:
    text = Page(sprint_page(analyse(rich_class()), "en")).text
    assert "What is wrong with no_minus." in text
    assert "3 of 12 who tried add fail exactly as no_minus" in " ".join(text.split())
    assert "2 of them do not have it yet, 1 who have it are no longer among them" in text


def test_a_misconception_shows_what_its_students_read() -> None:
    """Who fails as a chaff for another reason is recognised by the message."""
    text = " ".join(Page(sprint_page(analyse(rich_class()), "en")).text.split())
    assert "fail exactly as no_minus task: add; who: s1" in text
    assert "Most common message, of 3 of these 3:m failing tests: 1" in text


def test_who_handed_in_and_is_not_graded_has_handed_in() -> None:
    data = by_scores([[1]] * 3, needs={"ungraded": ("s001", "new")})
    report = analyse(data)
    assert (report.handed_in, report.graded) == (4, 3)
    assert "4 handed in, 0 did not. 3 have been graded, of whom 3 have a final total" in sprint_page(report, "en")


def test_what_needs_the_instructor_comes_with_the_command() -> None:
    needs = dict.fromkeys(("disagree", "ungraded", "pending", "outdated", "late"), ("s000",))
    page = sprint_page(analyse(by_scores([[1]] * 3, needs=needs)), "en")
    found = re.findall(r"<code>(autograder autograde tiny.*?)</code>", page)
    assert [line.removeprefix("autograder autograde tiny").strip() for line in found] == [
        "--force", "", "--pending", "--regrade",
    ]  # fmt: skip


def test_only_nothing_is_0_percent_and_only_everything_is_100() -> None:
    shares = [percent(n, 1_000) for n in (0, 1, 4, 6, 994, 996, 999, 1_000)]
    assert shares == ["0 %", "< 1 %", "< 1 %", "1 %", "99 %", "> 99 %", "> 99 %", "100 %"]
    assert percent(0.1 + 0.2, 0.3) == "100 %"


def test_names_of_tests_break_between_their_words() -> None:
    assert "test_<wbr>add.py::<wbr>test_<wbr>plus</code>" in sprint_page(analyse(rich_class()), "en")
    assert "<i>" not in sprint_page(analyse(by_tests({"s": "P"}, {"<i>": ("x",)})), "en").split("</header>")[1]


def test_every_picture_is_named_and_has_its_numbers_in_a_table() -> None:
    report = analyse(by_scores([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1], [1, 0, 1], [1, 1, 1]]))
    page = Page(sprint_page(report, "en"))
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(pictures) == 4
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in pictures)
    assert "task1: mean share of points in each fifth of the class, 50 %, 100 %, 100 %, 100 %, 100 %" in {
        attributes["aria-label"] for attributes in pictures
    }


def test_a_long_list_of_students_is_cut_and_says_so() -> None:
    text = sprint_page(analyse(by_scores([[1]] * 250)), "en")
    assert "and 50 more" in text


def test_undefined_is_a_dash() -> None:
    assert (number(None), percent(None), percent(3, 0)) == ("–", "–", "–")
    assert (number(1234.5), number(-0.001), number(-0.5), number(2.0), percent(0.125)) == (
        "1,234.5", "0", "−0.5", "2", "12 %",
    )  # fmt: skip
    text = " ".join(Page(sprint_page(analyse(by_scores([[1, 1]])), "en")).text.split())
    assert "standard deviation–" in text
    assert "nan" not in text.lower().replace("finance", "")


def test_the_languages_have_the_same_words() -> None:
    one, other = (words(language) for language in LANGUAGES)
    assert one.words.keys() == other.words.keys()
    assert one.definitions.keys() == other.definitions.keys()
    for key, text in one.words.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other.words[key])), key
    assert words("xx").language == "en"


def test_the_course_shows_every_student_through_the_term() -> None:
    first, second = analyse(by_scores([[1], [0]])), analyse(by_scores([[1, 1]]))
    course = course_report([replace(first, sprint="one"), replace(second, sprint="two")])
    assert [(line.student.id, line.shares) for line in course.lines] == [("s000", (1, 1)), ("s001", (0, None))]
    page = Page(course_page(course, "ja", {"one": "one.html"}))
    assert ("a", {"href": "one.html"}) in page.tags
    assert [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"][1].startswith("s000：")  # type: ignore[union-attr]


def test_the_index_links_to_the_pages() -> None:
    page = Page(index_page([("tiny", "report/tiny.html")], "ja"))
    assert ("a", {"href": "report/tiny.html"}) in page.tags
