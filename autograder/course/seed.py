"""Seeds: the course's own secret, and what is drawn from it.

Test inputs come from the course's seed and the test's name: the same for every student, not to be guessed, and others
next term. The seed is ``AUTOGRADER_SEED``, or a file in the class's folder that is made at random when first needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

SEED_FILE = "seed"


def course_seed(folder: Path) -> str:
    """The course's secret seed; made and kept in ``folder`` when there is none yet."""
    given = os.environ.get("AUTOGRADER_SEED")
    if given:
        return given
    path = folder / SEED_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=SEED_FILE, dir=folder)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
        # a link appears whole, and only if nobody else's is there: workers that start at once agree
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text().strip()


def derive(seed: str, *names: str) -> int:
    """A 63-bit number for a purpose, from which the seed cannot be found (SHA-256)."""
    digest = hashlib.sha256("\x00".join((seed, *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
