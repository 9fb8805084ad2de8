"""The names of the package that stand in a test: in its code, and in its texts, which may be the source of an attack.

A name in a text is not imported with the test. When a module or a method gets another name, an attack on the old one
changes nothing, and a protection that nobody attacked seems to hold.
"""

from __future__ import annotations

import ast
import functools
import importlib
import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

from tests.support.paths import ROOT

DOTTED = re.compile(r"(?<![\w./-])autograder(?:[.:][A-Za-z_]\w*)+(?![\w/-])")
IMPORTED = re.compile(r"\bfrom (autograder[\w.]*) import (?:\(([^)]*)\)|([\w, ]+))")
TAKEN = re.compile(r'modules\["autograder\.')
FILE = re.compile(r"(?<![\w.-])autograder/[\w/]+\.py(?![\w.])")
OF_A_SPRINT = "autograder/graders/"
"""Tests make sprints of their own, with graders that this course lacks."""


def missing(text: str) -> set[str]:
    """The names in a file of Python that the package has not."""
    return {name for name in names_in(text) if not exists(name)} | {
        name for name in files_in(text) if not (ROOT / name).is_file()
    }


def names_in(text: str) -> set[str]:
    """The dotted names of the package in a file of Python, and in the texts of that file."""
    texts = [text, *_texts(text)]
    found = set().union(*map(dotted, texts))
    for part in texts:
        for module, several, few in IMPORTED.findall(part):
            found |= {f"{module}.{name.split()[0]}" for name in (several or few).split(",") if name.strip()}
    for source in filter(None, map(_source, texts[1:])):
        found |= _reached_by(source)
    return found


def dotted(text: str) -> set[str]:
    """The dotted names of the package in any text."""
    return {name.replace(":", ".") for name in DOTTED.findall(text)}


def files_in(text: str) -> set[str]:
    """The package's files that a file of Python names, as one text or joined with ``/``."""
    joined = ("/".join(_parts(node)) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.BinOp))
    found = {name for part in (text, *joined) for name in FILE.findall(part)}
    return {name for name in found if not name.startswith(OF_A_SPRINT)}


def unread(text: str) -> list[str]:
    """Texts that take a module of the package and are no Python, so that what they do with it cannot be read."""
    return [part for part in _texts(text) if TAKEN.search(part) and _source(part) is None]


@functools.cache
def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something that is found in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError as error:
            if not name.startswith(str(error.name)):
                raise
            continue
        for part in parts[end:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def _texts(text: str) -> list[str]:
    nodes = ast.walk(ast.parse(text))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _source(text: str) -> ast.Module | None:
    """The text as Python, if it is some that has to do with the package."""
    if "autograder." not in text:
        return None
    try:
        return ast.parse(dedent(text))
    except SyntaxError:
        return None


def _reached_by(source: ast.Module) -> set[str]:
    """What a source reaches through its variables for modules of the package, or for their names."""
    bound = dict(_bound(source))
    found = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute):
            found |= dotted(_target(node, bound))
        elif isinstance(node, ast.JoinedStr):
            found |= dotted("".join(_said(part, bound) for part in node.values))
    return found


def _bound(source: ast.Module) -> Iterator[tuple[str, str]]:
    """Variables, each with the name in the package that it stands for."""
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            yield from ((name.asname or name.name, f"{node.module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Assign):
            for variable, value in zip(_items(node.targets[0]), _items(node.value), strict=False):
                name = _target(value, {})
                if isinstance(variable, ast.Name) and DOTTED.fullmatch(name):
                    yield variable.id, name


def _target(node: ast.expr, bound: dict[str, str]) -> str:
    """The name in the package that an expression stands for, or one of no meaning."""
    if isinstance(node, ast.Attribute):
        return f"{_target(node.value, bound)}.{node.attr}"
    if isinstance(node, ast.Name):
        return bound.get(node.id, "{}")
    return _parts(node.slice if isinstance(node, ast.Subscript) else node)[0]


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _said(part: ast.expr, bound: dict[str, str]) -> str:
    """What a part of an f-string says, where that can be known."""
    if isinstance(part, ast.FormattedValue):
        return _target(part.value, bound)
    return _parts(part)[0]


def _parts(node: ast.expr) -> list[str]:
    """The texts of a path that is joined with ``/``; what is no text stands as ``{}``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return [*_parts(node.left), *_parts(node.right)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else ["{}"]
