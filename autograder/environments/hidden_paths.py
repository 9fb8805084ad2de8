"""Where things lie on this machine is nobody's business who reads a notebook or its feedback: paths become short names.

A sandbox has to show a Python where it lies, so student code can print that, and the table of mounts names the folders
behind the view. It is no secret that opens anything, but it names the user and the course.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from autograder.course.sprint import data_folder, project_root
from autograder.environments.environment import environments_folder
from autograder.temporary import PREFIX, SHORT_PLACE, SHORT_PREFIX

_OURS = (f"{SHORT_PLACE}/{SHORT_PREFIX}", f"{SHORT_PLACE}/{PREFIX}")
_BEGINS = r"(?:(?<![\w.-])|(?<=\\[a-z])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))"
"""Before a path as short as ``/root``: no part of another path, but perhaps a line break as ``repr`` writes it."""
_DECIDING = ("AUTOGRADER_ROOT", "AUTOGRADER_ENVIRONMENTS", "COURSE_DATA", "XDG_CACHE_HOME")
"""What else decides where things lie, so that a cached answer holds only for the same values."""
_BINARY = ("image/png", "image/jpeg", "image/gif", "application/pdf")


def hide_paths(text: str, home: str = "") -> str:
    """A text for students in which this machine's folders have short names.

    ``home``: the folder of the kernel that wrote it.
    """
    names = _names(os.getcwd(), os.environ.get("HOME", ""), *(os.environ.get(name, "") for name in _DECIDING))
    if home:
        text = text.replace(home, "~")
    if not any(start in text for start, _, _ in names):  # almost always, and much faster than the pattern
        return text
    return _pattern(names).sub(lambda found: next(name for name in found.groupdict() if found[name] is not None), text)


def hide_paths_in_output(content: dict[str, Any], home: str) -> None:
    """Hide this machine's folders in all of a cell's output: streams, errors, and displayed data of every kind."""
    for key in ("text", "ename", "evalue", "traceback", "data", "metadata"):
        if key in content:
            content[key] = _hidden(content[key], home)


def _hidden(value: Any, home: str) -> Any:
    if isinstance(value, str):
        return hide_paths(value, home)
    if isinstance(value, dict):
        return {key: item if key in _BINARY else _hidden_data(item, home) for key, item in value.items()}
    if isinstance(value, list):
        return [hide_paths(line, home) for line in value if isinstance(line, str)]
    return value


def _hidden_data(value: Any, home: str) -> Any:
    """One kind of displayed data; JSON is gone through as its text, however deep it is."""
    if isinstance(value, str):
        return hide_paths(value, home)
    try:
        return json.loads(hide_paths(json.dumps(value), home))
    except (RecursionError, ValueError):
        return None


@functools.lru_cache(maxsize=8)
def _names(_here: str, home: str, *_chosen: str) -> tuple[tuple[str, str, str], ...]:
    """Folders: how each begins, the name that it gets, and its pattern. Kept as long as nothing changes."""
    root, environments = str(project_root()), str(environments_folder())
    pythons = {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    found = [(environments, "python", rf"{re.escape(environments)}/[\w.-]+")]
    found += [(folder, "python", re.escape(folder)) for folder in sorted(pythons, key=len, reverse=True)]
    data = str(data_folder(Path(root)))
    found += [(folder, "course", re.escape(folder)) for folder in (data, root) if folder.count("/") > 1]
    found += [(start, "temporary", rf"{start}[\w-]+") for start in _OURS]
    if home.strip("/"):
        begins = "" if home.count("/") > 1 else _BEGINS
        found.append((home.rstrip("/"), "home", begins + re.escape(home.rstrip("/"))))
    return tuple(found)


@functools.lru_cache(maxsize=8)
def _pattern(names: tuple[tuple[str, str, str], ...]) -> re.Pattern[str]:
    """One pattern for all of them; the first that fits counts."""
    by_name: dict[str, list[str]] = {}
    for _, name, pattern in names:
        by_name.setdefault(name, []).append(pattern)
    groups = "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in by_name.items())
    return re.compile(rf"(?:{groups})(?![\w-])")
