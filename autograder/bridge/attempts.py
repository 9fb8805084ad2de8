"""What each submission of a student got: a line for every graded one, beside the folder of the student's results.

That folder is replaced when the student hands in again; this file stays. A submission that is graded again replaces its
line. The points are those of the tests.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from autograder.grading.results import Results
from autograder.notebook.files import write_whole

ENDING = ".attempts.jsonl"


def attempts_file(results: Path) -> Path:
    """The file that belongs to the folder of a student's results."""
    return results.with_name(results.name + ENDING)


def keep_attempt(results: Path, submitted: Path, graded: Results) -> None:
    """Note what a submission got.

    Parameters
    ----------
    results
        the folder of the student's results
    submitted
        the folder that was handed in; its timestamp tells one submission from another
    """
    try:
        when = (submitted / "timestamp.txt").read_text(encoding="utf-8").strip()[:64]
    except (OSError, ValueError):
        when = ""
    lines = [line for line in _lines(results) if line["submitted"] != when]
    lines.append({"submitted": when, "points": graded.score, "status": graded.status})
    lines.sort(key=lambda line: str(line["submitted"]))
    attempts_file(results).parent.mkdir(parents=True, exist_ok=True)
    write_whole(attempts_file(results), "".join(f"{json.dumps(line)}\n" for line in lines))


def read_attempts(results: Path) -> tuple[float, ...]:
    """The points of each submission, the first one first; those that are broken are left out."""
    return tuple(float(line["points"]) for line in _lines(results) if line["status"] != "broken")


def _lines(results: Path) -> list[dict[str, str | float]]:
    found: list[dict[str, str | float]] = []
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for text in attempts_file(results).read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError, LookupError, TypeError):
                line = json.loads(text)
                points = float(line["points"])
                found.append({"submitted": str(line["submitted"]), "points": points, "status": str(line["status"])})
    return found
