"""Results as JUnit XML, in the form that the tools which display it expect.

GitLab, Jenkins and the reporters for GitHub distinguish a failure (of the student's code), an error (of the platform,
here `broken`) and a skipped test (`pending`, `skipped`). They show the element's text, and identify a test by its
classname and name. A cause that no test shows is a failure of its own: a suite in which everything was skipped because
of it must not look green.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from autograder.grading.causes import Cause
from autograder.grading.results import Results, TestResult
from autograder.reports.wording import LOOKS, mend_first
from autograder.text import clean

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(results: Results) -> str:
    """The document: one suite, one case per test, points as properties; it contains no machine names or paths."""
    tests = [test for cell in results.cells for test in cell.rows]
    suites = Element("testsuites", name="autograder")
    causes = [cause for cause in results.causes if not cause.test]
    suite = SubElement(suites, "testsuite", {"name": _xml(results.sprint), **_counts(tests, len(causes))})
    for number, cause in enumerate(causes, 1):
        suite.append(_cause(cause, number, f"{results.notebook}.ipynb"))
    for test in tests:
        suite.append(_case(test, f"{results.notebook}.ipynb"))
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)


def _counts(tests: list[TestResult], causes: int) -> dict[str, str]:
    kinds = [_kind(test) for test in tests] + ["failure"] * causes
    named = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(kinds.count(kind)) for name, kind in named.items()}
    return {"tests": str(len(kinds)), **counts, "time": f"{sum(test.duration_s for test in tests):.3f}"}


def _kind(test: TestResult) -> str:
    return LOOKS[test.outcome].junit


def _cause(cause: Cause, number: int, file: str) -> Element:
    case = Element("testcase", classname="notebook", name=f"cause {number}", file=_xml(file), time="0.000")
    failure = SubElement(case, "failure", message=_xml(f"{mend_first()}: {cause.text}"), type="cause")
    failure.text = _xml(cause.text)
    return case


def _case(test: TestResult, file: str) -> Element:
    module, _, name = test.name.partition("::")
    about = {
        "classname": _xml(module.removesuffix(".py")),
        "name": _xml(name),
        "file": _xml(file),
        "time": f"{test.duration_s:.3f}",
    }
    case = Element("testcase", about)
    properties = SubElement(case, "properties")
    for key, value in (("points", test.points), ("max_points", test.max_points)):
        SubElement(properties, "property", name=key, value=f"{value:g}")
    if _kind(test):
        title = _xml(clean(test.title, 300))
        said = SubElement(case, _kind(test), message=f"{test.outcome}: {title}", type=test.outcome)
        said.text = _xml(f"{test.outcome}: {title}\n{clean(test.message)}".rstrip())
    return case


def _xml(text: str) -> str:
    """Text without the characters that XML does not allow."""
    return _NO_XML.sub("", text)
