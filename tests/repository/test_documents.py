"""Do the pages hold together: a short README, links that lead somewhere, limits that are those of the code?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.authoring.pairing import ROOT
from autograder.grading.allowance import LEAST
from autograder.grading.limits import Limits
from autograder.jail.limits import JailLimits

PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "attacks" / "README.md"],
)
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(page: Path) -> list[str]:
    """Where a page's links lead within the repository."""
    found = _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in found if not link.startswith(("https://", "http://"))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and GitLab make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_is_short() -> None:
    """Does it have at most 700 words, tables included?"""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 700


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """Does each file exist, and each heading in it?"""
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    """Does following links from the README lead to every page in docs/?"""
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            paths = [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
            waiting += [path for path in paths if path.suffix == ".md"]
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= reached


def test_the_limits_are_those_of_the_code() -> None:
    """Does docs/sandbox.md name the limits that a jail and a grading have?"""
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    jail, grading = JailLimits(), Limits()
    mib = {name: f"{value >> 20} MiB" for name, value in vars(jail).items()}
    for what, limit in (
        ("memory beyond that of the warm process", f"{jail.memory >> 30} GiB"),
        (
            "`/tmp`; `/dev/shm`; the home folder, with the working directory",
            f"{mib['tmp']}; {mib['shm']}; {mib['home']}",
        ),
        ("files and folders in each of these", f"{jail.inodes:,}"),
        ("processes and threads", f"{jail.processes:,}"),
        ("open files of a process", f"{jail.open_files:,}"),
        ("the size of a file", mib["file_size"]),
        ("CPU time of a process", f"{jail.cpu_s:,} s"),
        ("files that come back", f"{jail.files}, at most {jail.depth} folders deep, {mib['back']} in all"),
    ):
        assert f"| {what} | {limit} |" in page
    for part, time in (
        ("a test, unless it says otherwise", grading.test),
        ("a cell", grading.cell),
    ):
        assert f"| {part} | {time.cpu_s:g} s | {time.wall_s:,.0f} s |" in page
    assert f"| {LEAST.cpu_s:g} s, or more | {LEAST.wall_s:g} s, or more |" in page
    assert f"A notebook may write {grading.notebook_output_bytes >> 20} MiB." in page
    assert f"A cell may write {grading.output_bytes >> 20} MiB of output." in page
