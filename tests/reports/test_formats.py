"""Do others read the results right, and does hostile text in them stay text?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Properties, Skipped
from markdown_it import MarkdownIt

from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.reports.annotations import code_quality, lines_of, workflow_commands
from autograder.reports.gradescope import gradescope, nothing_graded
from autograder.reports.junit import junit_xml
from autograder.reports.markdown import MAX_BYTES, append_markdown, inline, markdown
from autograder.text import clean
from tests.support.builders import released

HOSTILE = (
    "\n::error file=x::pwned\n```\n# big\n<script>x</script> ](http://x) \x1b[31m \u202e ]]> %0A ${{ secrets.X }}"
    " \ufffe\x00"
)
NOTEBOOK = Path("two/two.ipynb")


def results(message: str = "", title: str = "A node adds up.", outcomes: tuple[Any, ...] = tuple(Outcome)) -> Results:
    tests = [
        TestResult(f"test_double.py::test_{i}", title, outcome, 2.0 * (outcome == "passed"), 2.0,
                   message if outcome != "passed" else "", 0.25)
        for i, outcome in enumerate(outcomes)
    ]  # fmt: skip
    return Results("two", "two", [CellResult("double", 2.0 * len(tests), tests)])


@given(st.text(max_size=300) | st.just(HOSTILE))
def test_junit_is_read_by_junitparser(message: str) -> None:
    """Are failure, error and skipped what they are elsewhere, and the counts those of the cases?"""
    xml = JUnitXml.fromstring(junit_xml(results(message, title=message)))
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (8, 4, 1, 2)
    (suite,) = xml
    assert suite.name == "two"
    kinds = {"passed": [], "skipped": [Skipped], "pending": [Skipped], "broken": [Error]}
    for case, outcome in zip(suite, Outcome, strict=True):
        assert [type(result) for result in case.result] == kinds.get(outcome, [Failure])
        assert (case.classname, case.time) == ("test_double", 0.25)
        assert [(p.name, p.value) for p in case.child(Properties)][1] == ("max_points", "2")
    assert len({case.name for case in suite}) == 8


def test_junit_says_what_the_student_reads() -> None:
    (suite,) = JUnitXml.fromstring(junit_xml(results("double(2) is wrong", outcomes=("failed",))))
    (case,) = suite
    assert case.result[0].text == "failed: A node adds up.\ndouble(2) is wrong"
    assert "hostname" not in junit_xml(results())


@given(st.text(max_size=300) | st.just(HOSTILE), st.text(max_size=100) | st.just(HOSTILE))
def test_foreign_text_is_no_markdown(message: str, title: str) -> None:
    """Is a message one block of code, and a title plain text, whatever is in them?"""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown(results(message, title, ("failed",))))
    fences = [token.content for token in tokens if token.type == "fence"]
    cleaned = clean(message)
    assert fences == ([cleaned.replace("\r", "\n") + "\n"] if message else [])
    assert not [token for token in tokens if token.type == "html_block"]
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "strong_open", "strong_close", "softbreak", "text_special"}
    assert sum(token.type == "heading_open" for token in tokens) == 1


def test_the_summary_says_what_is_not_final(tmp_path: Path) -> None:
    assert "Not final" not in markdown(results(outcomes=("passed", "failed")))
    assert "some tests wait" in markdown(results(outcomes=("passed", "pending")))
    assert "the platform's, not the student's" in markdown(results())
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    append_markdown(results(outcomes=("passed",)), file)
    assert file.read_text().startswith("before\n## two: 2 of 2 points\n")


def test_the_summary_is_bounded() -> None:
    large = markdown(results("x" * 4000, outcomes=("failed",) * 400))
    assert MAX_BYTES - 5_000 < len(large.encode()) < MAX_BYTES + 100


@given(st.text(max_size=300) | st.just(HOSTILE))
def test_a_workflow_command_is_one_line_with_its_own_place(message: str) -> None:
    """Does GitHub read back what was meant, and no second command?"""
    lines = workflow_commands(results(message), NOTEBOOK)
    assert [re.match(r"::(\w+) ", line)[1] for line in lines] == ["error"] * 4 + ["notice", "warning"]
    for line in lines:
        assert len(re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", line)) == 1
        about, text = re.fullmatch(r"::\w+ (.*?)::(.*)", line).groups()
        assert about == "file=two/two.ipynb,line=1,title=double%3A A node adds up."
        said = text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        assert said in (clean(message), "failed", "error", "timeout", "crashed", "pending", "broken")


def test_a_title_ends_no_property() -> None:
    (line,) = workflow_commands(results("m", "a, file=/etc/passwd::b", ("failed",)), NOTEBOOK)
    assert line == "::error file=two/two.ipynb,line=1,title=double%3A a%2C file=/etc/passwd%3A%3Ab::m"


def test_annotations_stand_at_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "two.ipynb"
    nbformat.write(released(), path)
    line = lines_of(path)["double"]
    assert '"grade_id": "double"' in path.read_text().splitlines()[line - 1]
    assert f"line={line}," in workflow_commands(results(outcomes=("failed",)), path)[0]
    assert "lost" not in lines_of(path)
    assert lines_of(tmp_path / "nothing.ipynb") == {}


def test_a_notebook_is_read_once_for_all_annotations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 48 MB of lines, once for each test took 20 s."""
    opened: list[Path] = []
    nbformat.write(released(), tmp_path / "two.ipynb")
    original = Path.open

    def counted(self: Path, *args: Any, **how: Any) -> Any:
        opened.append(self)
        return original(self, *args, **how)

    monkeypatch.setattr(Path, "open", counted)
    assert len(workflow_commands(results(HOSTILE), tmp_path / "two.ipynb")) == 6
    assert len(opened) == 1


def test_a_line_separator_in_a_source_moves_no_annotation(tmp_path: Path) -> None:
    path = tmp_path / "two.ipynb"
    nb = released()
    nb.cells[0].source += "\u2028" * 9 + "\x85"
    nbformat.write(nb, path)
    assert '"grade_id": "double"' in path.read_text(encoding="utf-8").split("\n")[lines_of(path)["double"] - 1]


def test_a_summary_that_is_cut_closes_what_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the next step of a job appends to it would stand in the block otherwise."""
    whole = markdown(results("x" * 500))
    monkeypatch.setattr("autograder.reports.markdown.MAX_BYTES", len(whole) - 100)
    cut = markdown(results("x" * 500))
    assert cut.endswith("… and more than fits here.\n\n")
    assert cut.count("```") % 2 == 0
    assert 0 < cut.count("```") < whole.count("```")


@pytest.mark.parametrize("text", ["www.evil.example", "WWW.evil.example", "a www.x"])
def test_github_makes_no_link_of_an_address(text: str) -> None:
    """Its Markdown links what begins with www., too: https://github.github.com/gfm/#extended-www-autolink."""
    assert "www." not in inline(text).lower()
    assert inline("3.5 is not awww").count(chr(92)) == 0


def test_gitlabs_code_quality_report() -> None:
    """Has it the fields that GitLab requires, and fingerprints that stay?"""
    report = json.loads(code_quality(results(HOSTILE), NOTEBOOK))
    assert [issue["severity"] for issue in report] == ["major"] * 4 + ["info", "minor"]
    for issue in report:
        assert set(issue) == {"check_name", "description", "fingerprint", "severity", "location"}
        assert issue["location"] == {"path": "two/two.ipynb", "lines": {"begin": 1}}
    prints = [issue["fingerprint"] for issue in report]
    assert len(set(prints)) == 6
    assert prints == [issue["fingerprint"] for issue in json.loads(code_quality(results("another"), NOTEBOOK))]


def test_gradescope() -> None:
    """Has the document what Gradescope documents, and no status where nothing is decided?"""
    document = gradescope(results(HOSTILE))
    assert document["score"] == 2.0
    assert "not the student's" in document["output"]
    assert {document[name] for name in ("output_format", "test_output_format", "test_name_format")} == {"text"}
    assert document["stdout_visibility"] == "hidden"
    statuses = [test.get("status") for test in document["tests"]]
    assert statuses == ["failed", "passed", "failed", "failed", "failed", "failed", None, None]  # skipped stands first
    assert sum(test["score"] for test in document["tests"]) == document["score"]
    assert [test["number"] for test in document["tests"][:2]] == ["1.1", "1.2"]
    assert not re.search(r"[\x00\x1b\u202e]", json.dumps(document, ensure_ascii=False))
    assert (nothing_graded("no notebook")["score"], nothing_graded("no notebook")["tests"]) == (0.0, [])


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_gradescope_has_nothing_to_add_to_what_is_final(outcome: str) -> None:
    assert gradescope(results(outcomes=(outcome,)))["output"] == ""
