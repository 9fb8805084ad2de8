"""Is what `autograder new-sprint` lays out a sprint, and is nothing overwritten?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.new_sprint import new_sprint
from autograder.authoring.variants import chaffs, find_variant, wheats
from autograder.errors import BadInput
from tests.support.sprints_made import SLUG, make_sprint


def test_every_part_is_there(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    assert sprint.release.is_file()
    assert wheats(SLUG, tmp_path)
    assert [chaff.name for chaff in chaffs(SLUG, tmp_path)] == ["empty_not_refused", "sum_instead"]
    for name in ("two_tasks_wrong", "endless_loop"):
        assert find_variant(SLUG, f"demo/{name}", tmp_path).caught_by
    assert "Throw away" in (tmp_path / "docs" / "sprints" / f"{SLUG}.md").read_text()


@pytest.mark.parametrize("name", ["", "Tiny", "1st", "a-b", "../x", "a__b", "a b", "é"])
def test_what_cannot_be_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a sprint's name"):
        new_sprint(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    make_sprint(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match="is there already"):
        new_sprint(SLUG, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
