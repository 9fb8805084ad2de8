"""Does a variant's file say the same with and without the reference?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.outline import outline, variant_files
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import chaffs


def test_an_outline_is_what_the_whole_variant_says() -> None:
    whole = {variant.name: variant for variant in chaffs("define_by_run")}
    for path in variant_files(ROOT / "reference" / "define_by_run" / "chaffs"):
        said, variant = outline(path), whole[path.stem]
        assert (said.name, said.description, said.caught_by) == (variant.name, variant.description, variant.caught_by)
        assert said.cells == tuple(variant.cells)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.diff", "", "begins with a description"),
        ("a.py", "def f(:", "is not Python"),
        ("a.py", '"""Wrong."""\n', "there is no cell"),
        ("a.diff", "Wrong.\n\nCaught by:\n    test_a\n\n# %% a\n+x\n", "is not of the form"),
    ],
)
def test_a_file_that_is_none_is_said_in_one_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=says) as said:
        outline(tmp_path / name)
    assert str(said.value).startswith(str(tmp_path / name))
    assert "\n" not in str(said.value)
