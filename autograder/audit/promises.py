"""The ledger of promises: what the text of each task promises, and the hidden tests that fail when it is broken.

``reference/SPRINT/promises.toml`` has a table for each function or class of the solution cells, named as in
``Tensor.shape``, and one named ``text`` for what the other cells say. An entry's key is its id in that table::

    [nll]
    mean = { says = "averaged over samples", tests = ["test_cross_entropy.py::test_nll"] }
    kind = { says = "The negative log-likelihood:", free = "what it is called" }

``says`` is a quote. An entry has ``tests``; or ``free``, why nothing of it can be broken; or ``untested``, what nobody
tests yet, which the audit reports. Each sentence of a docstring overlaps with a quote, and each hidden test is named by
an entry.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.findings import Finding
from autograder.authoring.pairing import build, script_path
from autograder.notebook.cells import is_answer, tags

LEDGER = "promises.toml"
TEXT = "text"
"""The table of what cells say that are no solutions."""
_SECTION = re.compile(r"\n *(?:\w+)(?: \([^)\n]*\))?\n *-{3,}(?=\n)")
_KINDS = ("tests", "free", "untested")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z`'\"(])|\n\s*\n")


@dataclass(frozen=True)
class Promise:
    """One entry.

    Attributes
    ----------
    of, key
        the function or class, or ``text``; and the entry's name in its table
    says
        what is quoted, with single spaces
    tests
        the hidden tests that fail when it is broken
    free, untested
        why nothing of it can be broken; what nobody tests yet
    """

    of: str
    key: str
    says: str
    tests: tuple[str, ...] = ()
    free: str = ""
    untested: str = ""

    @property
    def id(self) -> str:
        """Its name in the whole ledger."""
        return f"{self.of}.{self.key}"


@dataclass(frozen=True)
class Ledger:
    """A sprint's ledger: its entries, and what is wrong with it. Without a file, it has neither."""

    promises: tuple[Promise, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def untested(self) -> list[Finding]:
        """The promises that no test holds. They stand apart: a sprint with some can be graded."""
        return [Finding(one.id, f"no test holds '{one.says}': {one.untested}") for one in self.promises if one.untested]

    def __str__(self) -> str:
        """The figures, in one line."""
        kept, open_ = (sum(bool(getattr(one, kind)) for one in self.promises) for kind in ("tests", "untested"))
        free = len(self.promises) - kept - open_
        return f"promises with a test: {kept} of {kept + open_}; statements that promise nothing: {free}"


def ledger(slug: str, root: Path, tests: set[str]) -> Ledger:
    """Read a sprint's ledger, and compare it with its script and the names of its hidden tests."""
    path = script_path(slug, root).with_name(LEDGER)
    if not path.is_file():
        return Ledger()
    notebook = build(slug, root)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        promises = [_promise(of, key, entry) for of, table in tables.items() for key, entry in _entries(of, table)]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        return Ledger(findings=(Finding(str(path), str(error)),))
    texts = docstrings(notebook) | {TEXT: _elsewhere(notebook)}
    findings = [Finding(str(path), what) for what in _wrong(promises, texts, tests)]
    named = {test for one in promises for test in one.tests}
    silent = "rests on no promise: quote the sentence that asks for it in promises.toml, or add one to the text"
    findings += [Finding(test, silent) for test in sorted(tests - named)]
    return Ledger(tuple(promises), tuple(findings))


def docstrings(notebook: NotebookNode) -> dict[str, str]:
    """The docstrings of the functions, classes and methods in the solution cells, by qualified name."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_answer(cell):
            found |= dict(_docstrings(ast.parse(cell.source), ""))
    return found


def sentences(docstring: str) -> list[str]:
    """The sentences of a docstring, and its items of lists and parameters, with single spaces; no headings."""
    body = _SECTION.sub("\n\n", f"\n{inspect.cleandoc(docstring)}")
    items: list[str] = []
    for paragraph in re.split(r"\n\s*\n", body):
        for line in _joined(paragraph.strip("\n")):
            items += [_plain(part) for part in _SENTENCE.split(line)]
    return [item for item in items if re.search(r"\w", item)]


def _joined(paragraph: str) -> list[str]:
    """The lines of a paragraph; those that are indented deeper are one text."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        deeper = line.startswith(" ")
        if deeper and lines and lines[-1].startswith(" "):
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def _docstrings(tree: ast.AST, inside: str) -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{inside}{node.name}"
            if said := ast.get_docstring(node):
                yield name, said
            if isinstance(node, ast.ClassDef):
                yield from _docstrings(node, f"{name}.")


def _elsewhere(notebook: NotebookNode) -> str:
    """What the cells say that are no solutions; the other languages' cells are translations."""
    english = (
        cell.source
        for cell in notebook.cells
        if not is_answer(cell) and not any(tag.startswith("lang-") for tag in tags(cell) if tag != "lang-en")
    )
    return "\n\n".join(english)


def _entries(of: str, table: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    if not isinstance(table, Mapping):
        raise ValueError(f"'{of}' stands in no table: begin one with [FUNCTION]")
    for key, entry in table.items():
        if not isinstance(entry, Mapping):
            raise ValueError(f"{of}.{key} is no entry: write {{ says = ..., tests = [...] }}")
        yield key, entry


def _promise(of: str, key: str, entry: Mapping[str, object]) -> Promise:
    tests, says = entry.get("tests", []), entry.get("says")
    if not isinstance(says, str) or not says.strip() or set(entry) - {"says", *_KINDS}:
        raise ValueError(f"{of}.{key}: an entry has 'says', a quote, and one of {', '.join(_KINDS)}")
    texts = [entry.get(kind, "") for kind in ("free", "untested")]
    if not isinstance(tests, list) or not all(isinstance(one, str) for one in (*tests, *texts)):
        raise ValueError(f"{of}.{key}: tests are a list of names, the rest is text")
    if sum(map(bool, (tests, *texts))) != 1:
        raise ValueError(f"{of}.{key}: exactly one of {', '.join(_KINDS)} says what becomes of it")
    return Promise(of, key, _plain(says), tuple(tests), str(texts[0]), str(texts[1]))


def _wrong(promises: list[Promise], texts: Mapping[str, str], tests: set[str]) -> Iterator[str]:
    """What does not fit together, one line each."""
    for one in promises:
        if one.of not in texts:
            yield f"{one.id}: no solution cell has a docstring of '{one.of}'"
        elif one.says not in _plain(texts[one.of]):
            yield f"{one.id}: the text no longer says '{one.says}': quote what it says now"
        for test in one.tests:
            if test not in tests:
                yield f"{one.id} names {test}, which does not exist"
    for of, text in texts.items():
        quotes, whole = [one.says for one in promises if one.of == of], _plain(text)
        for sentence in sentences(text) if of != TEXT else ():
            if not any(quote in sentence or sentence in quote or _overlap(quote, sentence, whole) for quote in quotes):
                yield f"the docstring of {of} says what no entry quotes: '{sentence}'"


def _overlap(quote: str, sentence: str, whole: str) -> bool:
    """Whether a quote and a sentence have characters of the whole text in common."""
    a, b = whole.find(quote), whole.find(sentence)
    return min(a, b) >= 0 and a < b + len(sentence) and b < a + len(quote)


def _plain(text: str) -> str:
    return " ".join(text.split())
