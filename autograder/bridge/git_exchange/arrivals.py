"""When a commit came into a repository on this machine, by the clock of the system that keeps its files.

Whoever may write into a repository may write into its log of pushes: git takes the time from a variable of the process
that pushes. The time of the last change of a file (``st_ctime``) is the system's own: no call sets it, only root can,
by changing the clock. A file that holds or lists a commit has the commit's name, or names it in what was written. So
that file was not there before the commit was, and its time is no earlier than the commit came in.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Collection
from pathlib import Path

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.git import GitError
from autograder.notebook.files import open_plain

MAX_INDEX = 64 << 20
"""Bytes of the indexes of packs that are read, together: each may have holes, and take no space."""
MAX_PACKS = 1_000


def arrivals(repository: Path, commits: Collection[str], *, timeout: float) -> dict[str, float]:
    """When commits came into a bare repository, in seconds since 1970; one that no file there holds is left out.

    A file that was copied or packed anew has the time of that: the bound is later then, but never too early.
    """
    objects = repository / "objects"
    found: dict[str, float] = {}
    for commit in commits:
        about = _plain(objects / commit[:2] / commit[2:], objects)
        if about is not None:
            found[commit] = about.st_ctime
    packs = [(index, _plain(index, objects)) for index in sorted((objects / "pack").glob("*.idx"))]
    room, wanted = MAX_INDEX, set(commits)
    for index, about in [(index, about) for index, about in packs if about is not None][:MAX_PACKS]:
        if about.st_size > room:
            continue
        room -= about.st_size
        for commit in _listed(index, wanted, timeout):
            found[commit] = min(about.st_ctime, found.get(commit, about.st_ctime))
    return found


def _listed(index: Path, wanted: set[str], timeout: float) -> set[str]:
    """Those of the wanted objects that a pack's index lists; none if git cannot read it."""
    try:
        with open_plain(index.parent, Path(index.name)) as file:
            said = git.run("show-index", stdin=file.read(MAX_INDEX), timeout=timeout)
    except (GitError, OSError):
        return set()
    words = (line.split(b" ", 2)[1:2] for line in io.BytesIO(said))
    return {word[0].decode("ascii", "replace") for word in words if word} & wanted


def _plain(path: Path, top: Path) -> os.stat_result | None:
    """A regular file below a folder, on the same file system and on no link; None if it is not one."""
    try:
        within = [top, *(top / Path(*path.relative_to(top).parts[:depth]) for depth in range(1, 9))]
        device = os.stat(top.parent).st_dev
        for part in dict.fromkeys(within):
            about = os.lstat(part)
            if stat.S_ISLNK(about.st_mode) or about.st_dev != device:
                return None
        return about if stat.S_ISREG(about.st_mode) else None
    except OSError:
        return None
