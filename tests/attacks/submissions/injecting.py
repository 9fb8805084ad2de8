"""Text that acts where it is read: in a page, a terminal, a table, a CI log."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
from rich.console import Console

from autograder.grading import verdict
from autograder.reports import html, terminal
from autograder.reports.html import render
from autograder.reports.terminal import show_results
from tests.attacks.submissions.base import Seen, Submission

SCRIPT = """
hostile = '<script>fetch("/formgrader/api/")</script><img src=x onerror=alert(1)><a href="javascript:x">'
hostile += "$\\href{javascript:x}{y}$"
def double(x):
    raise type(hostile[:70], (Exception,), {})("</pre>" + hostile)
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return None
    def put(self, number): return hostile
    def total(self): return hostile
    def __len__(self): raise KeyError(hostile)
def subtract(a, b): return hostile
"""
ESCAPES = r"""
hostile = "\x1b[2J\x1b[31m\x1b]0;owned\x07\x1b]8;;http://evil\x07x\x9b31m\r✓ all passed 7/7\b\b"
hostile += "\u202e7/7\u2066\u200b\ufeff\ud800"
def double(x):
    raise type("E\x1b[2J", (Exception,), {})(hostile)
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return None
    def put(self, number): print(hostile)
    def total(self): return hostile
    def __len__(self): raise KeyError(hostile)
def subtract(a, b): return hostile
"""
COMMANDS = r"""
hostile = ("x\n::set-output name=score::100\n::error::forged\n##[error]x\n##vso[task.complete result=Succeeded;]\n"
           "  ::add-mask::7\n::stop-commands::t\n7/7  graded\n✓ all 7 passed\n=== 7 passed in 0.1s ===")
def double(x):
    raise ValueError(hostile)
class Box:
    def __enter__(self): return self
    def __exit__(self, *about): return None
    def put(self, number): pass
    def total(self): return hostile
    def __len__(self): raise KeyError(hostile)
def subtract(a, b): return hostile
"""
XML = r"""
hostile = "]]>&#0;&x;<!ENTITY a SYSTEM 'file:///etc/passwd'></failure></testcase>"
hostile += "<testcase name='forged'/>\x00\x0b\ufffe"
def double(x):
    raise ValueError(hostile)
def subtract(a, b): raise KeyError(hostile)
"""


def page(seen: Seen) -> str:
    """The feedback on every cell."""
    assert seen.graded is not None
    return "".join(render(cell) for cell in seen.graded.results.cells)


def marks_up(seen: Seen) -> bool:
    """Whether a tag of its own, or a formula, is in the feedback."""
    tags = set(re.findall(r"</?(\w+)", page(seen)))
    assert "onerror" in page(seen), "the attack did not arrive"
    return bool(tags - {"div", "p", "b", "ul", "li", "i", "pre"})


def screen(seen: Seen) -> str:
    """What a terminal or a CI log shows of the results."""
    assert seen.graded is not None
    shown = io.StringIO()
    show_results(seen.graded.results, Console(file=shown, force_terminal=False, width=300))
    return shown.getvalue()


def controls(seen: Seen) -> bool:
    """Whether a character that acts on a terminal, or reorders text, is in table, feedback or results."""
    texts = screen(seen) + page(seen) + "".join(t.message for t in seen.graded.results.tests)
    assert "all passed" in texts, "the attack did not arrive"
    return bool(re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\ufeff\ud800]", texts))


def commands(seen: Seen) -> bool:
    """Whether a line of the log is a command, or looks like a result."""
    lines = screen(seen).splitlines()
    assert any("set-output" in line for line in lines), "the attack did not arrive"
    return any(re.match(r"\s*(::|7/7|✓ all|===)", line) or "##[" in line or "##vso" in line for line in lines)


def breaks_xml(seen: Seen) -> bool:
    """Whether JUnit XML cannot be read, or holds a test of its own."""
    text = (seen.folder / "junit.xml").read_text()
    assert "ENTITY" in text, "the attack did not arrive"
    try:
        return any("forged" in str(test.attrib) for test in ElementTree.fromstring(text).iter("testcase"))
    except ElementTree.ParseError:
        return True


def unescaped(patch: pytest.MonkeyPatch) -> None:
    """Put text into pages as it is."""
    patch.setattr(html, "escape", lambda text: text)


def uncleaned(patch: pytest.MonkeyPatch) -> None:
    """Keep text as it came."""
    for module in (verdict, html):
        patch.setattr(module, "clean", lambda text, limit=0: text)


def not_harmless(patch: pytest.MonkeyPatch) -> None:
    """Print lines as they came."""
    patch.setattr(terminal, "harmless", lambda line: line)


SUBMISSIONS = [
    Submission("html_and_script", "have markup or a formula in the feedback", (SCRIPT,), reached=marks_up,
               without=unescaped),
    Submission("terminal_escapes", "act on the terminal that shows the table", (ESCAPES,), reached=controls,
               without=uncleaned),
    Submission("ci_commands", "command the CI runner, or print a result", (COMMANDS,), reached=commands,
               without=not_harmless),
    Submission("broken_xml", "forge or break the JUnit report", (XML,), reached=breaks_xml),
]  # fmt: skip
