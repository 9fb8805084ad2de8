"""The lines that `autograder adopt` writes at the end of a course's nbgrader_config.py."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.course.sprint import CONFIGURED
from autograder.errors import BadInput

BEGIN = "# autograder adopt: begin ('autograder adopt --undo' removes these lines)"
END = "# autograder adopt: end"
BLOCK = f"""{BEGIN}
from pathlib import Path as _Path

try:
    from {CONFIGURED} import configure as _configure
except ImportError:  # nbgrader would only log that, and execute students' notebooks outside the sandbox
    raise SystemExit(f"{{__file__}}: this environment lacks the autograder, install it here") from None

_configure(get_config(), _Path(__file__).parent.resolve(), adopted=True)
{END}
"""


def with_lines(text: bytes, config: Path) -> bytes:
    """A configuration with the lines at its end, in its own line ends; bytes, because it may have any encoding."""
    text = without_lines(text, config)
    end = b"\r\n" if b"\r\n" in text else b"\n"
    block = BLOCK.encode().replace(b"\n", end)
    if not text.strip():
        return block
    return text + (b"" if text.endswith(b"\n") else end) + end + block


def without_lines(text: bytes, config: Path) -> bytes:
    """A configuration without the lines, and without the empty line above them.

    Raises
    ------
    BadInput
        when only the first of the lines is left.
    """
    before, begin, rest = text.partition(BEGIN.encode())
    _, end, after = rest.partition(END.encode())
    if begin and not end:
        raise BadInput(f"{config}: the line '{END}' is missing: remove by hand the lines from '{BEGIN}' on")
    return re.sub(rb"(\A|\n)\r?\n\Z", rb"\1", before) + re.sub(rb"\A\r?\n", b"", after) if begin else text
