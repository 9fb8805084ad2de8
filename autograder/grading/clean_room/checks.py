"""Checks of an artifact before it is evaluated, and the errors that a student reads if the evaluation fails."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.environments import hide_paths
from autograder.errors import CheckFailed, PlatformFault, StudentError
from autograder.grading.assertions import type_name

MAX_BYTES = 64 << 20
MAX_FILES = 1_000
MAX_NAME = 400


def checked_bytes(blob: object, what: str) -> bytes:
    """Raise CheckFailed unless the artifact is bytes and not too large."""
    if not isinstance(blob, bytes):
        raise CheckFailed(f"{what} must come as bytes, but came back as {type_name(blob)}")
    if len(blob) > MAX_BYTES:
        raise CheckFailed(f"{what} has {len(blob) >> 20} MiB, {MAX_BYTES >> 20} are accepted")
    return blob


def checked_files(files: object, what: str) -> dict[str, bytes]:
    """Raise CheckFailed unless this is bytes by relative path, within the limits. A probe's result is not proof."""
    if not isinstance(files, dict):
        raise CheckFailed(f"{what} must come as files by name")
    if len(files) > MAX_FILES:
        raise CheckFailed(f"{what} has {len(files)} files, {MAX_FILES} are accepted")
    room = MAX_BYTES
    for name, data in files.items():
        room -= len(checked_bytes(data, f"a file of {what}"))
        if not isinstance(name, str) or len(name) > MAX_NAME or "\0" in name or {"", ".", ".."} & set(name.split("/")):
            raise CheckFailed(f"{what} has a file of the name {str(name)[:80]!r}, which does not lie in its folder")
    if room < 0:
        raise CheckFailed(f"{what} has more than {MAX_BYTES >> 20} MiB")
    return files


def names_of(fetches: Sequence[str]) -> list[str]:
    """The names that a grader fetches. A single string is a mistake in the grader."""
    if isinstance(fetches, str):
        raise PlatformFault("fetches are a list of names")
    return [str(name) for name in fetches]


def plain_error(error: StudentError, subject: str) -> StudentError:
    """The same error, readable for a student: without headings and stack frames, which are all the framework's."""
    kept = []
    for line in error.message.splitlines():
        if line.startswith("Original stack trace"):
            break
        node = re.fullmatch(r"\s*\[\[\{\{node (.*?)\}\}\]\].*", line)
        if node:
            kept.append(f"(node {node[1]})")
        elif line.strip() and not _FRILLS.match(line):
            kept.append(line.strip())
    plain = StudentError(error.types, hide_paths(" ".join(kept)))
    plain.subject = subject
    return plain


_FRILLS = re.compile(r"Graph execution error:|Detected at node |Node: |<stack traces unavailable>|  File |    ")
