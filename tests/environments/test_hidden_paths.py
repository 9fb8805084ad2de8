"""Does no text for students say where things lie on this machine, and is every other text as it was?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.environments import find_environment, hide_paths, hide_paths_in_output
from tests.support.environments_made import NAME, definitions


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one's own, and a home."""
    monkeypatch.setenv("AUTOGRADER_ROOT", str(tmp_path / "the" / "course"))
    monkeypatch.setenv("HOME", str(tmp_path / "the" / "home"))
    return tmp_path / "the"


def test_folders_have_short_names(here: Path) -> None:
    text = (
        f"{sys.prefix}/lib/x.py, '{here}/course/course/gradebook.db' {here}/course {here}/home/.cache /tmp/ag-ab12_x/y"
    )
    assert hide_paths(text) == "python/lib/x.py, 'course/gradebook.db' course home/.cache temporary/y"


def test_environments_are_pythons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions(tmp_path, monkeypatch)
    made = find_environment(NAME)
    assert hide_paths(f"{made.folder}/lib/x.py") == "python/lib/x.py"


@pytest.mark.parametrize("text", ["/data/x", "a/b", "https://example.org/tmp/x", "/tmp/mine", "x" * 1000, ""])
def test_other_texts_stay(here: Path, text: str) -> None:
    assert hide_paths(text) == text
    assert hide_paths(f"{here}/homework") == f"{here}/homework", "it only begins like a folder of ours"


def test_every_kind_of_output(here: Path) -> None:
    path = f"{sys.prefix}/x"
    content: dict[str, Any] = {
        "text": path, "evalue": path, "traceback": [path, 3],
        "data": {"text/html": path, "application/json": {path: [path, {"a": path}]}, "image/png": "iVBO/work="},
        "metadata": {"a": {"b": path}},
    }  # fmt: skip
    hide_paths_in_output(content, "/nowhere")
    assert sys.prefix not in str(content)
    assert content["data"]["image/png"] == "iVBO/work="
    assert content["data"]["application/json"] == {"python/x": ["python/x", {"a": "python/x"}]}


def test_values_as_they_are_shown(here: Path) -> None:
    assert hide_paths(repr(f"x\n{sys.prefix}\n{here}/home\té{here}/home")) == "'x\\npython\\nhome\\téhome'"


@pytest.mark.parametrize("text", ["a\n/root/x", "a\x1b/root/x", "\u2028/root/x"])
def test_a_short_home(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Is it seen where a line begins, also as `repr` writes it, but not inside another path?"""
    monkeypatch.setenv("HOME", "/root")
    assert "/root" not in hide_paths(ascii(text))
    assert hide_paths("/data/root/x") == "/data/root/x"


def test_the_kernels_own_folder_is_its_home(here: Path) -> None:
    content = {"text": "/var/kernels/abc/work/x.py"}
    hide_paths_in_output(content, "/var/kernels/abc")
    assert content == {"text": "~/work/x.py"}


def test_json_that_is_too_deep_is_left_out(here: Path) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    content = {"data": {"application/json": deep, "text/plain": "x"}}
    hide_paths_in_output(content, "/nowhere")
    assert content["data"] == {"application/json": None, "text/plain": "x"}
    del deep
