"""The command `autograder` in the tests' own process, and what it says when it refuses."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from autograder import cli
from tests.support.types import Command


def command_in(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, as it is in the current folder and environment: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
        try:
            cli.main()
            status: Any = 0
        except SystemExit as end:
            status = end.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run


def refused(done: tuple[int, str, str], says: str) -> None:
    """Check that a command refused its input in one line that says this, and with nothing else."""
    status, out, err = done
    assert status == 2, err
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("autograder: ")
    assert says in err
    assert "Traceback" not in err
