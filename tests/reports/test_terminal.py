"""Is hostile text harmless in a terminal and in a CI log?"""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.reports.terminal import progress_bar, show_results
from autograder.text import clean

HOSTILE = [
    "::error::forged",
    "  ::set-output name=score::100",
    "##[error]forged",
    "##vso[task.complete result=Succeeded;]",
    "[red]markup[/red] [/nothing]",
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "20/20  graded",
    "\r✓ all passed 100/100",
]


def shown(*messages: str, outcome: str = "failed") -> str:
    tests = [TestResult("test_a.py::x", "A title", outcome, 0, 1, message) for message in messages]  # type: ignore[arg-type]
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=False, width=200)
    show_results(Results("s", "n", [CellResult("a", 1, tests)]), console, verbose=True)
    return screen.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_is_a_command_or_a_result(text: str) -> None:
    said = shown(clean(f"first\n{text}"))
    for line in said.splitlines():
        assert not re.match(r"\s*::", line)
        assert "##[" not in line
        assert "##vso" not in line
        assert not re.match(r"\s*\d+/\d+", line) or line.endswith("0/1  graded")
    assert "\x1b" not in said
    assert "\r" not in said
    assert said.count("graded") <= 2


def test_markup_is_text() -> None:
    assert "│ [bold]x[/bold]" in shown("[bold]x[/bold]")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.SKIPPED])
def test_every_outcome_has_a_mark(outcome: str) -> None:
    assert "A title" in shown("", outcome=outcome)


def test_the_progress_bar_can_be_told_of_tests(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("grading [/x] ::error::") as tell:
        tell(1, 2, "[/hostile]")
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_line_a_minute(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a job whose stderr is a file say how far it is, and never what a CI runner takes for a command?"""
    now = 0.0
    monkeypatch.setattr("autograder.reports.terminal.time", SimpleNamespace(monotonic=lambda: now))
    with progress_bar("::error::[/x]") as tell:
        for done in range(1, 9):
            now += 20
            tell(done, 8, "")
    assert capsys.readouterr().err.splitlines() == [
        "│ ::error::[/x]: 3 of 8 after 1 min", "│ ::error::[/x]: 6 of 8 after 2 min"
    ]  # fmt: skip
