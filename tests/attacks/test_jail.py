"""What it takes two students to try, and all attacks as an ordinary user."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator

import pytest

from autograder.jail.warm import WarmJail
from tests.support.jails import as_ordinary_user, can_become_ordinary, jailed, needs_sandbox, run, small_jail

pytestmark = needs_sandbox
LISTEN = """
import builtins, socket
builtins.kept = listener = socket.socket(socket.AF_UNIX)
listener.bind("\\0between-students")
listener.listen()
result = True
"""
CONNECT = """
import socket
with socket.socket(socket.AF_UNIX) as s:
    result = s.connect_ex("\\0between-students") == 0
"""


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with small_jail() as made:
        yield made


@pytest.mark.parametrize("off", [(), ("network",)], ids=["", "without a network of its own"])
def test_students_cannot_talk_to_each_other(jail: WarmJail, off: Collection[str]) -> None:
    """Could one give another the answers, or the hidden tests' inputs, while both are graded?"""
    with jailed(jail, off) as one, jailed(jail, off) as other:
        assert run(one, LISTEN)
        assert run(other, CONNECT) is bool(off)


@pytest.mark.slow
@pytest.mark.skipif(not can_become_ordinary(), reason="only root can run them as somebody else")
@pytest.mark.parametrize("tests", [["tests/attacks/test_submissions.py"], ["tests/attacks/test_switched_off.py"],
                                   ["tests/attacks/test_jail.py", "-m", "not slow"],
                                   ["tests/jail/test_jailed_kernel.py"]],
                         ids=lambda tests: tests[0].rpartition("/")[2])  # fmt: skip
def test_all_this_as_an_ordinary_user(tests: list[str]) -> None:
    done = as_ordinary_user([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests])
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
