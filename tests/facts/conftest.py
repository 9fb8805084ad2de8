"""What is done with a fact that is no longer so: the run ends with what changed, and what that touches."""

from __future__ import annotations

from collections.abc import Generator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from tests.facts.report import Seen, report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Other versions warn of other things, and no fact is a warning that nobody asked for."""
    for item in items:
        if fact_of(item):
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hand the fact over with the result of its test."""
    made = yield
    fact = fact_of(item)
    if fact and (made.when == "call" or not made.passed):
        versions = {name: _version(name) for name in fact.packages}
        what = _reason(call) if made.failed or made.skipped else ""
        made.user_properties.append(("fact", fact.data() | {"versions": versions, "seen": what}))
    return made


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what changed, which sprints rest on it, and what could not be looked at."""
    seen = [
        Seen(outcome, **dict(made.user_properties)["fact"])
        for outcome in ("passed", "failed", "error", "skipped")
        for made in terminalreporter.stats.get(outcome, ())
        if "fact" in dict(made.user_properties)
    ]
    for line in report(seen) if seen else ():
        terminalreporter.write_line(line)


def fact_of(item: pytest.Item) -> Any:
    """The fact that a test holds; None for a test of the facts' own machinery."""
    return getattr(getattr(item, "function", None), "fact", None)


def _reason(call: pytest.CallInfo[None]) -> str:
    return str(call.excinfo.value) if call.excinfo else ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
