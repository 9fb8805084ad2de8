"""Do the course's texts say what the facts say? Each of these said something else, or nothing."""

from __future__ import annotations

import pytest

from tests.facts.fact import ROOT

SAID = {
    "reference/chainer_iris/chainer_iris.py": ["Only for a single number, whatever its shape", "shape にかかわらず"],
    "reference/define_by_run/define_by_run.py": ["at a = 0 that with respect to a where b >= 1"],
    "reference/device_placement/device_placement.py": ["such as a product of two matrices", "行列の積など"],
    "reference/session_graphs/session_graphs.py": [
        "A variable that is fed is replaced where you fetch it",
        "変数に値を feed しても",
    ],
    "docs/teaching.md": ["writes every page anew", "clears the names that you do not give again"],
}


@pytest.mark.parametrize("path", SAID)
def test_the_text_says_it(path: str) -> None:
    """Is it there, in both languages where there are two?"""
    text = " ".join((ROOT / path).read_text(encoding="utf-8").replace("\n# ", " ").split())
    assert [words for words in SAID[path] if words not in text] == []
