"""The fixture ``student``: the notebook's globals, in the student's process."""

from __future__ import annotations

from typing import Any

from autograder.grading.handles import Handle, relabelled
from autograder.grading.probes import Probe
from autograder.grading.session import Session
from autograder.grading.transcript import describe


class Student:
    """The notebook's globals: ``student.name``, or ``student["name"]`` if this class has an attribute of that name.

    A class or a function is looked up once per test and then reused.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._defined: dict[str, Handle] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        known = self._defined.get(name)
        if known is not None and known.__generation__ == self._session.generation:
            return known
        result = relabelled(self._session.channel.request("name", name), name)
        self._session.received = True
        if isinstance(result, Handle) and result.__type_name__ in ("type", "function"):
            self._defined[name] = result
        return result

    def run(self, function: Probe, /, *args: object, **kwargs: object) -> Any:
        """Run a probe in the student's process and return its result."""
        *before, text = function.shown or (_named(function, args),)
        for line in before:
            self._session.transcript.add(line)
        return self._session.perform(text, "call", function, *args, kwargs=kwargs)


def _named(function: Probe, args: tuple[object, ...]) -> str:
    return f"({function.name.replace('_', ' ')}: {', '.join(describe(a) for a in args)})"
