"""Causes: what in the notebook has to be mended first, because tests can only fail until it is.

A cause is shown to the student before any test. It decides no points: a test that fails because of it would get 0
points under its own name as well. So it does not matter that parts of it come from the student's process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from autograder.text import clean

MAX_ERROR = 300
_WORDS = {
    "en": {
        "cell": "cell {cell}",
        "empty": "the empty cell of task `{task}`",
        "of_task": " (task `{task}`)",
        "line": ", line {line}",
        "raised": "{place}: {error}",
        "unanswered": "{place} is as it was released: nothing is written there yet",
        "undefined": "{place} does not define `{name}`",
        "misplaced": "`{name}` is defined in {place}, too late for the tests that need it",
        "spent": "{error}: what came after that did not run",
        "call": "{place}: calling `{name}`: {error}",
        "early": "{place} uses `{name}`, which is defined only later, in cell {other}",
        "task": "task `{task}` comes first: none of its tests passes",
        "fails": "task `{task}`, where this does not hold: {error}",
        "skipped": "Skipped, because it can only fail until this is mended: {cause}.",
    },
    "ja": {
        "cell": "セル {cell}",
        "empty": "課題 `{task}` の空のセル",
        "of_task": "（課題 `{task}`）",
        "line": "、{line} 行目",
        "raised": "{place}: {error}",
        "unanswered": "{place}は配布されたままです。まだ何も書かれていません",
        "undefined": "{place}で `{name}` が定義されていません",
        "misplaced": "`{name}` の定義が{place}にありますが、それを使うテストより後です",
        "spent": "{error}（それより後は実行されていません）",
        "call": "{place}: `{name}` の呼び出し: {error}",
        "early": "{place}で使っている `{name}` は、後のセル {other} で定義されています",
        "task": "先に課題 `{task}` を直してください。そのテストに合格したものがありません",
        "fails": "課題 `{task}` で次のことが成り立っていません: {error}",
        "skipped": "これを直すまでは必ず失敗するので、省略しました: {cause}",
    },
}


def language() -> str:
    """The course's language, as for its notebooks: ``COURSE_LANGUAGE``, English unless it is known here."""
    chosen = os.environ.get("COURSE_LANGUAGE") or "en"
    return chosen if chosen in _WORDS else "en"


@dataclass(frozen=True)
class Cause:
    """One cause.

    Attributes
    ----------
    text
        the cause in words, on one line
    cell
        the number of its code cell, as Jupyter numbers them when all are run in order; 0 if it is no cell
    task
        the task that the cell belongs to, or that must be solved first; empty if there is none
    line
        the line in the cell; 0 if it is not known
    answer
        the name of the released cell, if it has one
    test
        the name of the first test that shows it, if a test does; that test is not skipped
    """

    text: str
    cell: int = 0
    task: str = ""
    line: int = 0
    answer: str = ""
    test: str = ""

    @classmethod
    def of(cls, kind: str, *, error: str = "", name: str = "", other: int = 0, **where: Any) -> Self:
        """A cause of this kind in words, with the attributes ``where``; ``other``: the number of another cell."""
        words = _WORDS[language()]
        about = {"cell": 0, "task": "", "line": 0, **where}
        place = words["cell"] if about["cell"] else words["empty"] if about["task"] else ""
        place += words["of_task"] if about["cell"] and about["task"] else ""
        place += words["line"] if about["line"] else ""
        text = words[kind].format(place=place.format(**about), error=error, name=name, other=other, task=about["task"])
        return cls(_one_line(text).removeprefix(": "), **where)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """A cause from results.json; what a later version adds is left out."""
        texts = {name: str(said.get(name, "")) for name in ("text", "task", "answer", "test")}
        numbers = {name: int(said.get(name, 0)) for name in ("cell", "line")}
        return cls(**texts, **numbers)  # type: ignore[arg-type]

    @property
    def message(self) -> str:
        """The first line of the message of a test that is skipped because of it."""
        return _WORDS[language()]["skipped"].format(cause=self.text)


def _one_line(text: str) -> str:
    return " ".join(clean(text, 2 * MAX_ERROR).split())
