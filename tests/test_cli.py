"""Does the command say in one line what is wrong, and what came out in its exit code?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.errors import PlatformFault
from tests.support import tiny
from tests.support.builders import code, graded, notebook, solution
from tests.support.commands import refused
from tests.support.types import Command


def write(path: Path, nb: NotebookNode | str) -> Path:
    path.write_text(nb if isinstance(nb, str) else nbformat.writes(nb))
    return path


def no_grade_cells() -> NotebookNode:
    nb = tiny.submission(*tiny.ANSWERS)
    nb.cells = [cell for cell in nb.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
    return nb


BAD: dict[str, tuple[str | NotebookNode, str]] = {
    "picture": ("\x89PNG\r\n", "not a notebook"),
    "text": ("hello", "not a notebook"),
    "list": ("[1, 2]", "not a notebook"),
    "other JSON": ('{"a": 1}', "not a notebook"),
    "empty": ("", "empty"),
    "broken JSON": ('{"cells": [', "broken JSON"),
    "deep JSON": ("[" * 100_000, "not a notebook"),
    "old format": ('{"cells": [], "nbformat": 99}', "format 99"),
    "no cells": ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "no cells"),
    "other sprint": (notebook(code("1"), solution("solve_z"), graded("z", 1)), "another sprint"),
    "no grade cells": (no_grade_cells(), "no grade cells"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_2(autograder: Command, tmp_path: Path, case: str) -> None:
    content, says = BAD[case]
    path = write(tmp_path / "tiny.ipynb", content)
    refused(autograder("grade", path, "--results", tmp_path / "r.json"), says)
    assert not (tmp_path / "r.json").exists()


def test_a_missing_file_a_folder_and_a_pipe(autograder: Command, tmp_path: Path) -> None:
    refused(autograder("grade", tmp_path / "tiny.ipynb"), "there is no such file")
    (tmp_path / "tiny.ipynb").mkdir()
    refused(autograder("grade", tmp_path / "tiny.ipynb"), "this is a folder")
    (tmp_path / "tiny.ipynb").rmdir()
    os.mkfifo(tmp_path / "tiny.ipynb")
    refused(autograder("grade", tmp_path / "tiny.ipynb"), "not a regular file")


def test_a_notebook_of_200_mb_is_not_even_read(autograder: Command, tmp_path: Path) -> None:
    path = tmp_path / "tiny.ipynb"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    refused(autograder("grade", path), "200 MB is more than")


def test_a_sprint_that_nobody_knows(autograder: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "homework.ipynb", tiny.submission())
    refused(autograder("grade", path), "give --sprint, one of tiny")
    refused(autograder("grade", path, "--sprint", "nothing"), "unknown sprint 'nothing'")
    refused(autograder("grade", path, "--sprint", "../tiny"), "unknown sprint")


def test_a_folder_for_results_that_is_not_there(autograder: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.ipynb", tiny.submission())
    for option in ("--results", "--junit", "--summary", "--code-quality", "--gradescope"):
        refused(autograder("grade", path, option, tmp_path / "no" / "r"), "there is no such folder")


def test_a_file_name_cannot_speak_to_the_log(autograder: Command, tmp_path: Path) -> None:
    for name in ("x\n::error::forged.ipynb", "x\x1b[31m.ipynb"):
        status, _, err = autograder("grade", tmp_path / name)
        assert status == 2
        assert err.count("\n") == 1
        assert "\x1b" not in err


@pytest.mark.parametrize("arguments", [["grade"], ["grade", "a", "b"], ["--nothing"], ["nothing"]])
def test_bad_usage_is_exit_2(autograder: Command, arguments: list[str]) -> None:
    status, _, err = autograder(*arguments)
    assert status == 2
    assert "Traceback" not in err


def test_options_of_a_whole_audit_do_not_go_with_solutions(autograder: Command) -> None:
    for option in ("--since", "--html"):
        refused(autograder("audit", "tiny", "some", option, "main"), f"{option} is for whole audits")


def test_help_says_what_it_does(autograder: Command) -> None:
    status, out, _ = autograder("grade", "--help")
    assert status == 0
    assert "--minimum" in out


# what a run says


def test_a_share_below_the_minimum_is_exit_1(autograder: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.ipynb", tiny.submission("", *tiny.ANSWERS[1:]))
    results, junit = tmp_path / "r.json", tmp_path / "r.xml"
    status, out, err = autograder("grade", path, "--results", results, "--junit", junit, "--minimum", 60)
    assert status == 1, err
    assert out.splitlines()[-1] == "4/7  graded"
    assert "the empty cell of task `double` does not define `double` – 3 tests were skipped because of it" in out
    assert "– double  0/3  3 skipped" in out
    assert json.loads(results.read_text())["score"] == 4
    assert 'name="tiny"' in junit.read_text()
    assert autograder("grade", path, "--minimum", 57)[0] == 0


def test_what_others_read(autograder: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.ipynb", tiny.submission("", *tiny.ANSWERS[1:]))
    files = [tmp_path / name for name in ("summary.md", "quality.json", "gradescope.json")]
    options = zip(("--summary", "--code-quality", "--gradescope"), files, strict=True)
    _, out, _ = autograder("grade", path, "--annotate", *(part for option in options for part in option))
    assert files[0].read_text().startswith("## tiny: 4 of 7 points\n")
    assert {issue["location"]["path"] for issue in json.loads(files[1].read_text())} == {str(path)}
    assert json.loads(files[2].read_text())["score"] == 4
    commands = [line for line in out.splitlines() if line.startswith("::")]
    assert len(commands) == 1
    place = rf"::error file={re.escape(str(path))},line=\d+"
    assert re.match(rf"{place},title=Mend this first::the empty cell of task `double` ", commands[0])


def test_a_broken_test_is_exit_3(autograder: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("a fault in the platform")

    monkeypatch.setattr("autograder.grading.handles.Handle.__call__", broken)
    path = write(tmp_path / "tiny.ipynb", tiny.submission(*tiny.ANSWERS))
    status, out, err = autograder("grade", path, "--results", tmp_path / "r.json")
    assert status == 3
    assert "a fault of the platform" in err
    assert "test_double.py::test_numbers: RuntimeError: a fault in the platform" in err
    assert "Traceback" not in err
    assert out.splitlines()[-2:] == [
        "0/7  broken", "Not final: a test could not be run; the fault is the platform's, not the student's.",
    ]  # fmt: skip
    assert json.loads((tmp_path / "r.json").read_text())["status"] == "broken"


def test_no_kernel_is_exit_3(autograder: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(files: Path | None, **_: object) -> Any:
        raise PlatformFault("a kernel did not start: no memory")

    monkeypatch.setattr("autograder.jail.lane.ordinary_kernel", none)
    path = write(tmp_path / "tiny.ipynb", tiny.submission(*tiny.ANSWERS))
    status, out, _ = autograder("grade", path, "--sandbox", "off")
    assert status == 3
    assert "0/7  broken" in out


def test_the_real_command(installed: Path, tmp_path: Path) -> None:
    """As a user types it, in a folder full of traps."""
    path = write(tmp_path / "tiny.ipynb", tiny.submission(*tiny.ANSWERS))
    for name in ("conftest.py", "torch.py", "numpy.py", "json.py", "autograder.py"):
        (tmp_path / name).write_text("raise SystemExit('trapped')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    command = [sys.executable, "-P", "-c", "from autograder.cli import main; main()", "grade", path.name]
    command += ["--sandbox", "off"]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(installed), "AUTOGRADER_SEED": "s"}
    env["AUTOGRADER_ROOT"] = str(installed)
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "7/7  graded"
    assert done.stderr == "sandbox: off, the notebook could read what you can read\n"
