"""Does code have colours where pygments takes linear time, and none where it does not?"""

from __future__ import annotations

import pytest

from autograder.bridge.bounded_parser import TooMuch
from autograder.bridge.colours import MAX_LINE, MAX_SPACE, coloured
from autograder.bridge.pages import highlight_code, markdown


@pytest.mark.parametrize(
    "code", [" \n" * MAX_SPACE, "\u3000" * MAX_SPACE, "a." * MAX_LINE, "%%html\n<b>", "x\n%%perl\ns"]
)
def test_what_could_take_long_has_none(code: str) -> None:
    with pytest.raises(TooMuch):
        coloured(code, "ipython3")
    assert "<span" not in highlight_code({}, code).replace("<span></span>", "")


@pytest.mark.parametrize(
    "code", ["x = 1", "%matplotlib inline\nx", "!pip list", "def f():\n\n\n    return 1", "%%time\nx = 1"]
)
def test_honest_code_has_colours(code: str) -> None:
    assert coloured(code, "ipython3").count("<span") > 1
    assert highlight_code({}, code) == coloured(code, "ipython3")


def test_a_language_in_a_text_cell_is_one_of_few() -> None:
    assert '<span class="k">def</span>' in markdown({}, "```python\ndef f(): pass\n```")
    assert "<span" not in markdown({}, "```perl\nmy $x = 1;\n```")
    assert "my $x" in markdown({}, "```perl\nmy $x = 1;\n```")
