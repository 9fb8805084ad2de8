"""The property that a hidden test checks, and the hint: both are in the test's docstring."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Property:
    """The content of a test's docstring: the property in one line, and the hint."""

    title: str
    hint: str

    @classmethod
    def of(cls, function: Callable[..., Any], name: str) -> Property:
        """Read the docstring of a test."""
        return cls.of_text(inspect.getdoc(function) or "", name)

    @classmethod
    def of_text(cls, docstring: str, name: str) -> Property:
        """Read a docstring: its first paragraph, and the paragraph that begins with ``Hint:``."""
        paragraphs = docstring.split("\n\n")
        title = " ".join(paragraphs[0].split()) or name.removeprefix("test_").replace("_", " ")
        hints = [" ".join(p.split()) for p in paragraphs[1:] if p.lstrip().startswith("Hint:")]
        return cls(title, hints[0].removeprefix("Hint:").strip() if hints else "")


def properties_in(graders: Path) -> dict[str, Property]:
    """The properties of a sprint's hidden tests by name in results, read without running them.

    A file that is not Python is left out: grading reports it.
    """
    found = {}
    for path in sorted(graders.glob("test_*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, SyntaxError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = inspect.cleandoc(ast.get_docstring(node) or "")
                found[f"{path.name}::{node.name}"] = Property.of_text(text, node.name)
    return found
