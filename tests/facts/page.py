"""docs/framework-facts.md, written from the facts: `python -m tests.facts.page`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.facts.fact import ROOT, Fact

PAGE = ROOT / "docs" / "framework-facts.md"
FOLDER = Path(__file__).parent
_BEGINNING = """\
# What the frameworks really do

Graders, docstrings and course texts rest on what these packages do today. Each fact below is a test in `tests/facts/`;
this page is written from those tests by `make facts`. The versions are those of `constraints.txt`.

`make facts TENSORFLOW=2.20.0` asks another version: it prints which facts have changed and what that touches.
[Contributing](../CONTRIBUTING.md#facts-about-frameworks) says how to add a fact.
"""
_END = (FOLDER / "looked_through.md").read_text(encoding="utf-8")


def modules() -> list[ModuleType]:
    """The modules of facts, in the order of their names."""
    names = sorted(path.stem for path in FOLDER.glob("test_*.py"))
    found = [importlib.import_module(f"tests.facts.{name}") for name in names]
    return [module for module in found if facts_of(module)]


def facts_of(module: ModuleType) -> list[Fact]:
    """The facts of a module, in the order in which they stand there."""
    return [made for test in vars(module).values() if isinstance(made := getattr(test, "fact", None), Fact)]


def all_facts() -> list[Fact]:
    """Every fact there is."""
    return [fact for module in modules() for fact in facts_of(module)]


def pinned() -> dict[str, str]:
    """The versions that the course installs, and those of its environments, by the name of the distribution."""
    files = [*ROOT.glob("autograder/environments/*/requirements.txt"), ROOT / "constraints.txt"]
    lines = [line.split("#")[0].split(";")[0].strip() for file in files for line in file.read_text().splitlines()]
    return dict(line.split("==") for line in lines if "==" in line)


def page() -> str:
    """The whole page."""
    parts = [_BEGINNING, "\n".join(_contents()), *(_section(module) for module in modules()), _END]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _contents() -> Iterator[str]:
    yield "| about | facts |"
    yield "|---|---:|"
    for module in modules():
        title = _title(module)
        yield f"| [{title}](#{_anchor(title)}) | {len(facts_of(module))} |"
    yield f"| all | {len(all_facts())} |"


def _title(module: ModuleType) -> str:
    return (module.__doc__ or "").splitlines()[0].rstrip(".")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _section(module: ModuleType) -> str:
    versions = pinned()
    lines = [f"## {_title(module)}", ""]
    for number, fact in enumerate(facts_of(module), 1):
        known = ", ".join(f"{name} {versions[name]}" for name in fact.packages)
        lines += [f"{number}. {fact.words}", "", "```python", fact.program.rstrip("\n"), "```", ""]
        lines += [f"- {known}" + (f", in the environment `{fact.environment}`" if fact.environment else "")]
        lines += [f"- source: <{fact.source}>"] if fact.source else []
        lines += [f"- rests on it: [{path}](../{path}): {what}" for path, what in fact.rests.items()]
        lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
