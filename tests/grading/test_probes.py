"""Is what is sent of a probe complete in itself, and only that?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.errors import PlatformFault
from autograder.grading.probes import Probe, probe

LIMIT = 3


@probe
def plain(x, *rest, factor=2):  # type: ignore[no-untyped-def]
    """Says what is expected: cAnArY."""
    # expected 271828
    import math

    def inner(y):  # type: ignore[no-untyped-def]
        return math.floor(y) + len(rest)

    return inner(x) * factor


def test_source_goes_without_decorator_docstring_and_comments() -> None:
    assert plain.name == "plain"
    for left_out in ("probe", "cAnArY", "271828", "type: ignore"):
        assert left_out not in plain.source
    scope: dict[str, object] = {}
    exec(plain.source, scope)  # noqa: S102
    assert scope["plain"](2.5, 0, factor=10) == 30  # type: ignore[operator]


def test_a_probe_with_nothing_but_a_docstring_is_complete() -> None:
    @probe
    def empty() -> None:
        """Nothing."""

    compile(empty.source, "probe", "exec")


def test_calling_it_here_says_where_it_runs() -> None:
    with pytest.raises(PlatformFault, match=r"student\.run\(plain"):
        plain(1)


def test_globals_are_refused() -> None:
    with pytest.raises(PlatformFault, match="LIMIT, np"):

        @probe
        def outside(x):  # type: ignore[no-untyped-def]
            return np.abs(x) < LIMIT


def test_names_used_only_inside_an_inner_function_are_refused() -> None:
    with pytest.raises(PlatformFault, match="np"):

        @probe
        def outside(x):  # type: ignore[no-untyped-def]
            return [np.abs(y) for y in x]


def test_a_closure_is_refused() -> None:
    expected = 5
    with pytest.raises(PlatformFault, match="expected"):

        @probe
        def outside(x):  # type: ignore[no-untyped-def]
            return x == expected


@probe
def depth(x):  # type: ignore[no-untyped-def]
    return 1 + max(map(depth, x), default=0) if isinstance(x, list) else 0


def test_recursion_and_builtins_are_its_own() -> None:
    assert isinstance(depth, Probe)


@pytest.mark.parametrize(
    "function", [lambda x: x, type("C", (), {"__call__": lambda self: 1})], ids=["lambda", "class"]
)
def test_what_is_no_plain_function_is_refused(function: object) -> None:
    with pytest.raises((PlatformFault, SyntaxError, TypeError, OSError)):
        probe(function)  # type: ignore[arg-type]


def test_defaults_that_name_globals_are_refused() -> None:
    with pytest.raises(PlatformFault, match="LIMIT"):

        @probe
        def outside(x, y=LIMIT):  # type: ignore[no-untyped-def]
            return x + y


def test_annotations_stay_here() -> None:
    """May a probe be typed with names that only this side has?"""

    @probe
    def typed(x: Path, *rest: Path, **more: Path) -> Path:
        def inner(y: Path) -> Path:
            return y

        return inner(x)

    assert "Path" not in typed.source
