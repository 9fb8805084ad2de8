"""Does waiting without sleep see what comes, and is it given up where nothing does?"""

from __future__ import annotations

import socket

import pytest

from autograder.jail.inside import stream


def test_who_waits_awake_sees_what_comes_and_gives_up_where_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "AWAKE_S", 0.001)
    monkeypatch.setattr(stream.os, "sched_getaffinity", lambda pid: {0, 1})
    here, there = socket.socketpair()
    awake, looked = stream.Awake(), []
    monkeypatch.setattr(stream.os, "sched_yield", lambda: looked.append(1))
    with here, there:
        there.send(b"x")
        assert awake.readable(here)
        here.recv(1)
        tried = []
        for _ in range(40):
            looked.clear()
            assert not awake.readable(here)
            tried.append(bool(looked))
        assert 3 <= sum(tried) <= 8, "ever more seldom"
        assert sum(tried[-2 * stream.MAX_SKIP :]) >= 1, "but not never"
        there.close()
        assert any(awake.readable(here) for _ in range(stream.MAX_SKIP + 1)), "the end is seen too"
        assert awake.readable(here), "and once it pays, it is tried at once"


@pytest.mark.parametrize("cores", [{0}, None])
def test_nobody_waits_awake_where_there_is_one_core_or_nobody_knows(
    monkeypatch: pytest.MonkeyPatch, cores: set[int] | None
) -> None:
    if cores is None:  # not Linux
        monkeypatch.delattr(stream.os, "sched_getaffinity")
    else:
        monkeypatch.setattr(stream.os, "sched_getaffinity", lambda pid: cores)
    here, there = socket.socketpair()
    with here, there:
        there.send(b"x")
        assert not stream.Awake().readable(here)
