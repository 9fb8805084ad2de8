"""Checks that nothing secret is in what students get: the release with its metadata and outputs, and the feedback."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import nbformat

from autograder.audit.findings import Finding
from autograder.authoring.pairing import notebook_path
from autograder.course.sprint import Sprint
from autograder.grading.results import Results
from autograder.notebook.cells import is_written_answer

TELLING = 30
"""The least number of characters of a line of code that gives something away."""
LONG_NUMBER = 6
"""The least number of characters of a number that nobody writes by chance."""
_SOLUTION = re.compile(r"### BEGIN SOLUTION(.*?)### END SOLUTION", re.DOTALL)


def hidden_lines(folder: Path) -> set[str]:
    """Lines of the graders' code, and the numbers in it that nobody writes by chance.

    Docstrings are left out: the tested properties are not secret, and feedback and task texts may use the same words.
    So are public examples, and what any of them shows: a test may have the same line.
    """
    found, shown = set(), set()
    for path in folder.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        tree = ast.parse("\n".join(lines))
        public = {part for node in ast.walk(tree) if _is_example(node) for part in ast.walk(node)}
        texts = [part.value for part in public if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        shown |= {line.strip() for text in texts for line in text.splitlines()}
        for node in ast.walk(tree):
            if _is_example(node):
                lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
            if node in public:
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
                lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                found |= {repr(node.value)} if len(repr(node.value)) >= LONG_NUMBER else set()
        found |= {line.strip() for line in lines if telling(line)}
    return found - shown


def _is_example(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether this is the mark of a public example, which anybody may know."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "example"


def solution_lines(source: Path) -> set[str]:
    """Lines of the instructor's solutions, between markers or in written answers, that no public text repeats."""
    lines, public = set(), []
    for cell in nbformat.read(source, as_version=4).cells:
        if is_written_answer(cell) and cell.cell_type == "markdown":
            lines |= {line.strip() for line in cell.source.splitlines() if len(line.strip()) >= TELLING}
            continue
        parts = _SOLUTION.split(cell.source)
        lines |= {line.strip() for part in parts[1::2] for line in part.splitlines() if telling(line)}
        public += parts[::2]
    return {line for line in lines if not any(line in part for part in public)}


def telling(line: str) -> bool:
    """Whether a line is code that would give something away; imports, signatures and short lines would not."""
    line = line.strip()
    everyday = line.startswith(("import ", "from ", "#", "@", "def ", "class "))
    return len(line) >= TELLING and ("(" in line or "=" in line) and not everyday


def of_release(sprint: Sprint, root: Path) -> Iterator[Finding]:
    """Leaks in the folder that students get."""
    folder = sprint.release.parent
    secrets = hidden_lines(sprint.graders) | solution_lines(notebook_path(sprint.slug, root))
    names = {path.name for path in sprint.graders.glob("test_*.py")}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and ".ipynb_checkpoints" not in p.parts):
        if path.name in names:
            yield Finding(str(path), "is a file of hidden tests")
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".ipynb":
            notebook = nbformat.reads(text, as_version=4)
            text += "\n".join(cell.source for cell in notebook.cells)
            if any(cell.get("outputs") for cell in notebook.cells):
                yield Finding(str(path), f"has outputs: run 'autograder release {sprint.slug}'")
            if "jupytext" in notebook.metadata:
                yield Finding(str(path), "names the paired script in its metadata")
        for line in sorted(secrets):
            if line in text:
                yield Finding(str(path), f"holds a hidden line: {line}")
        if "BEGIN SOLUTION" in text:
            yield Finding(str(path), "holds a solution marker")


def of_feedback(sprint: Sprint, graded: dict[str, Results]) -> Iterator[Finding]:
    """Leaks of hidden tests in the feedback on these solutions, which are given by name."""
    secrets = {line for line in hidden_lines(sprint.graders) if telling(line)}
    for name, results in graded.items():
        for test in results.tests:
            for line in sorted(secrets):
                if line in test.message:
                    yield Finding(name, f"the feedback of {test.name} holds a hidden line: {line}")
