"""A public example that has been run beside the student's code: what was called, expected and came back, as texts.

It is a module of its own because commands that only read results need nothing of what runs examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

EXAMPLE, CALLED, WHERE, HINT = "For example:", "What was called:", "Where:", "Hint: "
"""How the parts of a test's message begin that come after what happened."""
REST = re.compile(rf"\n(?:{'|'.join((EXAMPLE, CALLED, WHERE, HINT))})")
"""Where the first of them begins."""


@dataclass(frozen=True)
class ShownExample:
    """The texts of one example. ``right``: whether what came back is what was expected."""

    called: str
    expected: str
    got: str
    right: bool

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """An example from results.json; what a later version adds is left out."""
        return cls(str(said["called"]), str(said["expected"]), str(said["got"]), bool(said["right"]))

    @property
    def text(self) -> str:
        """The lines that a student reads."""
        code = "\n".join(f"    {line}" for line in self.called.splitlines())
        got = f"{self.got}  (this example is right; the property is tested on other values)" if self.right else self.got
        return f"{EXAMPLE}\n{code}\n    expected:  {self.expected}\n    got:       {got}"

    def in_message(self, message: str) -> str:
        """A test's message with this example after what happened, before what was called."""
        rest = REST.search(f"\n{message}")
        place = max(rest.start() - 1, 0) if rest else len(message)
        parts = (message[:place].rstrip("\n"), self.text, message[place:].lstrip("\n"))
        return "\n".join(part for part in parts if part)
