"""Does a run of the facts say what changed, and which sprints that touches?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.facts.fact import ROOT
from tests.facts.report import Seen, report
from tests.facts.versions import moved, overlay

FACTS = '''
from tests.facts.fact import fact

HERE = {"autograder/graders/tf_function/test_as_graph.py": "its hints"}


@fact("numpy", rests=HERE)
def test_holds():
    """One is one."""
    assert 1 == 1


@fact("numpy", rests=HERE)
def test_changed():
    """One is two."""
    assert 1 == 2, "it is one"


@fact("chainer", rests=HERE, environment="chainer")
def test_elsewhere():
    """One is three."""
    assert 1 == 3, "not three"
'''


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Three facts, one of which holds; the environment of another is not there."""
    (tmp_path / "conftest.py").write_text("from tests.facts.conftest import *\n")
    (tmp_path / "test_three.py").write_text(FACTS)
    return tmp_path


def test_what_changed_and_what_it_touches(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a changed fact told in words, with what was seen and what rests on it, and a skipped one with its reason?"""
    monkeypatch.setenv("AUTOGRADER_ENVIRONMENTS", str(facts / "none"))
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", f"--rootdir={facts}", "-c"]
    done = subprocess.run(
        [*command, "/dev/null", str(facts)],
        env={**__import__("os").environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    for line in (
        "CHANGED  test_three.py::test_changed",
        "  was       One is two.",
        "  touches   autograder/graders/tf_function/test_as_graph.py: its hints",
        "sprints to audit: tf_function",
        "3 facts: 1 hold, 1 changed, 1 not looked at",
    ):
        assert line in done.stdout.splitlines()
    assert "it is one" in done.stdout
    assert "the environment 'chainer' is not built here" in done.stdout


def test_nothing_changed() -> None:
    """Does a run in which all hold end with one line?"""
    seen = Seen("passed", "a", "b", {}, [], {}, "")
    assert list(report([seen])) == ["", "1 facts: 1 hold, 0 changed, 0 not looked at"]


def test_a_reason_is_one_line() -> None:
    """Is the end of a traceback shown, and a long text cut?"""
    seen = "Traceback (most recent call last):\n  File x\nAssertionError: " + "y" * 1000
    lines = list(report([Seen("failed", "a", "b", {}, ["s"], {"numpy": "2"}, seen)]))
    (now,) = (line for line in lines if line.startswith("  now"))
    assert now.startswith("  now       AssertionError: yyy")
    assert len(now) < 320


def test_an_environment_over_this_one(tmp_path: Path) -> None:
    """Does it see what is installed here, put its own first, and say which versions differ?"""
    python, packages = overlay(tmp_path)
    (packages / "numpy-0.1.dist-info").mkdir()
    (packages / "numpy-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n")
    program = (
        "import pytest, importlib.metadata as m; print(m.version('numpy'), m.version('pytest') == pytest.__version__)"
    )
    assert subprocess.check_output([python, "-c", program], text=True).split() == ["0.1", "True"]
    (line,) = moved(packages)
    assert line.startswith("numpy ")
    assert line.endswith(" -> 0.1")
