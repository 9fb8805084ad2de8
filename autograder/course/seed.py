"""The course's secret seed, and the seeds derived from it.

Test inputs are drawn from the course's seed and the test's name. They are the same for every student, cannot be
guessed, and differ next term, when the seed is a new one. The seed is ``AUTOGRADER_SEED``, or else a file in the
class's folder, which is created with random content when it is first needed.
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
    """The course's secret seed. When there is none yet, it is created and stored in ``folder``."""
    given = os.environ.get("AUTOGRADER_SEED")
    if given:
        return given
    path = folder / SEED_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=SEED_FILE, dir=folder)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
        # the link is atomic and fails when the file already exists, so workers that start together get the same seed
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text().strip()


def derive(seed: str, *names: str) -> int:
    """A 63-bit number derived from the seed and these names. The seed cannot be recovered from it (SHA-256)."""
    digest = hashlib.sha256("\x00".join((seed, *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
