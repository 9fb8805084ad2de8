"""What one fact is: a test whose docstring says it, whose body is the smallest program, and what rests on it."""

from __future__ import annotations

import functools
import inspect
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.environments import find_environment

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240  # more than any fact takes, so that a program that waits for ever is a fact that has changed


@dataclass(frozen=True)
class Fact:
    """A fact, as the page and the report of changes show it."""

    test: str  # "test_torch.py::test_name"
    words: str
    program: str
    packages: tuple[str, ...]  # distributions, as constraints.txt names them
    rests: Mapping[str, str]  # path in the repository: what of it rests on the fact
    source: str = ""
    environment: str = ""  # of the project's own; "": the course's

    @property
    def sprints(self) -> list[str]:
        """The sprints that rest on it, by the paths."""
        places = r"(?:autograder/graders|reference|docs/sprints)/([a-z0-9_]+)"
        return sorted({found[1] for path in self.rests if (found := re.match(places, path))})

    def data(self) -> dict[str, Any]:
        """The fact as plain data, for a report that another process reads."""
        return asdict(self) | {"sprints": self.sprints}


def fact(
    *packages: str,
    rests: Mapping[str, str],
    source: str = "",
    environment: str = "",
    environ: Mapping[str, str] | None = None,
    slow: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a fact of a test. With `environment` or `environ` its body runs in another process, and asks for no fixture.

    Args:
        packages: the distributions on whose versions it depends.
        rests: what rests on it, by path.
        source: where its makers say so, if they do.
        environment: the name of the project's environment in which its packages are.
        environ: variables that must be set before an import.
        slow: whether `make test` leaves it out.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        run = _elsewhere(test, environment, environ or {}) if environment or environ else test
        name = f"{Path(inspect.getfile(test)).name}::{test.__name__}"
        made = Fact(name, _words(test), _program(test, environ or {}), packages, rests, source, environment)
        run.fact = made  # type: ignore[attr-defined]
        return pytest.mark.slow(run) if slow else run

    return decorate


def _words(test: Callable[..., None]) -> str:
    return " ".join((inspect.getdoc(test) or "").split())


def _program(test: Callable[..., None], environ: Mapping[str, str]) -> str:
    """The test's body, without its docstring."""
    source = textwrap.dedent(inspect.getsource(test))
    body = re.split(r'^    """.*?"""\n', source, maxsplit=1, flags=re.DOTALL | re.MULTILINE)[-1]
    settings = "".join(f"# with {name}={value} in the environment\n" for name, value in environ.items())
    return settings + textwrap.dedent(body).strip() + "\n"


def _elsewhere(test: Callable[..., None], environment: str, environ: Mapping[str, str]) -> Callable[..., None]:
    source = textwrap.dedent(inspect.getsource(test))
    source = source[source.index(f"def {test.__name__}(") :] + f"\n{test.__name__}()\n"

    @functools.wraps(test)
    def run() -> None:
        done = subprocess.run(
            [_python(environment), "-c", source],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr.strip()[-2000:]

    del run.__wrapped__  # type: ignore[attr-defined]
    return run


def _python(environment: str) -> str:
    if not environment:
        return sys.executable
    found = find_environment(environment)
    if not found.is_built():
        pytest.skip(found.lacking())
    return found.interpreter().executable
